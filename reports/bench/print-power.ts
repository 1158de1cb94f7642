// SPDX-License-Identifier: Apache-2.0
import type { MetricPower, Power, RulePower } from '../../harness/bench/power.ts';
import { columns } from '../terminal/layout.ts';
import { metricTitles, ratioText } from './words.ts';

/** How often each rule called which candidate worse, as plain text. */
export function printPower(all: readonly Power[]): string {
  return all
    .map(({ candidate, pairs, metrics, rules }) =>
      [
        `${candidate}, ${pairs} pairs of windows`,
        ...table([['metric', 'worse by', 'one pair differs by'], ...metrics.map(metricCells)]),
        ...table([['rule', 'called worse', 'undecided', 'in replays', 'undecided'], ...rules.map(ruleCells)]),
      ].join('\n'),
    )
    .join('\n\n');
}

const table = (rows: readonly (readonly string[])[]): readonly string[] => columns(rows).map((cells) => `  ${cells.join('  ').trimEnd()}`);

const metricCells = ({ metric, value, low, high, deviation }: MetricPower): readonly string[] => [
  metricTitles[metric],
  ratioText({ value: Math.exp(value), low: Math.exp(low), high: Math.exp(high) }),
  deviation === null ? '?' : `${(100 * deviation).toFixed(1)} %`,
];

function ruleCells({ title, live, replays }: RulePower): readonly string[] {
  const [ran, replayed] = [live, replays].map(({ pass, fail, inconclusive }) => pass + fail + inconclusive) as [number, number];
  return [title, `${live.fail} of ${ran}`, String(live.inconclusive), `${replays.fail} of ${replayed}`, String(replays.inconclusive)];
}
