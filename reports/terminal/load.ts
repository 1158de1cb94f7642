// SPDX-License-Identifier: Apache-2.0
import type { RunDocument } from '../../harness/run/document.ts';
import { measuredCell, tableOf } from '../load/tables.ts';
import { printableLine } from '../printable.ts';
import type { Canvas } from './canvas.ts';
import { columns, wrap } from './layout.ts';

/** What each scenario measured. */
export function loadLines({ checks }: RunDocument, { style, width }: Canvas): readonly string[] {
  return checks
    .flatMap(({ executions }) => executions)
    .flatMap(({ execution, sabotage, measured }) => {
      if (measured === undefined || sabotage !== undefined) return [];
      const { metrics, rows } = tableOf(measured.measurements);
      const right = metrics.map((_, index) => index + 1);
      const [heads = [], ...lines] = columns(
        [['', ...metrics], ...rows.map(({ cell, values }) => [cell, ...values.map(measuredCell)])],
        right,
      );
      const reasons = [...new Set(rows.flatMap(({ invalid }) => invalid ?? []))];
      return [
        style('strong', printableLine(execution)),
        `     ${style('quiet', heads.join('  ').trimEnd())}`,
        ...lines.map((cells) => `     ${cells.join('  ').trimEnd()}`),
        ...reasons.flatMap((reason) => wrap(`* says nothing of the gateway: ${reason}`, width - 5, 2).map((text) => `     ${text}`)),
      ];
    });
}
