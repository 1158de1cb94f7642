// SPDX-License-Identifier: Apache-2.0
import type { RunDocument } from '../../harness/run/document.ts';
import { findingCells, findingHeads, gateMarks } from '../bench/words.ts';
import { plural } from '../format.ts';
import { printableLine } from '../printable.ts';
import type { Canvas } from './canvas.ts';
import { columns, wrap } from './layout.ts';

const roles = { pass: 'good', fail: 'bad', inconclusive: 'noted' } as const;

/** What each gate decided, with its numbers. */
export function gateLines({ checks }: RunDocument, { style, width }: Canvas): readonly string[] {
  return checks
    .flatMap(({ executions }) => executions)
    .flatMap(({ execution, gate }) => {
      if (gate?.decision === undefined) return [];
      const { verdict, pairs, findings, reasons } = gate.decision;
      const [heads = [], ...rows] = columns([findingHeads, ...findings.map(findingCells)]);
      return [
        `${style(roles[verdict], gateMarks[verdict].label)} ${style('strong', printableLine(execution))}  ${style('quiet', plural(pairs, 'pair of windows', 'pairs of windows'))}`,
        `     ${style('quiet', heads.join('  ').trimEnd())}`,
        ...rows.map((cells) => `     ${cells.join('  ').trimEnd()}`),
        ...reasons.flatMap((reason) => wrap(reason, width - 5, 2).map((text) => `     ${text}`)),
      ];
    });
}
