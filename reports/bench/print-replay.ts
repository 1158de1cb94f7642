// SPDX-License-Identifier: Apache-2.0
import type { Replayed } from '../../harness/bench/replay.ts';
import { columns } from '../terminal/layout.ts';
import { findingCells, findingHeads, gateMarks, metricTitles } from './words.ts';

/** Decisions that were made again, as plain text. */
export function printReplay(all: readonly Replayed[]): string {
  return all
    .map(({ execution, decision, rivals }) =>
      [
        `${execution}: ${gateMarks[decision.verdict].label}, ${decision.pairs} pairs of windows`,
        ...columns([findingHeads, ...decision.findings.map(findingCells)]).map((cells) => `  ${cells.join('  ').trimEnd()}`),
        ...decision.reasons.map((reason) => `  ${reason}`),
        'by the rules of others:',
        ...rivals.map(
          ({ title, failing }) =>
            `  ${failing.length === 0 ? 'no worse' : 'WORSE   '}  ${title}${failing.length === 0 ? '' : `: ${failing.map((metric) => metricTitles[metric]).join(', ')}`}`,
        ),
      ].join('\n'),
    )
    .join('\n\n');
}
