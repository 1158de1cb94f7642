// SPDX-License-Identifier: Apache-2.0
import { measuredText } from '../../../reports/load/tables.ts';
import { text } from '../../../reports/markdown/markup.ts';
import { publications, publishedNumbers, type PublishedNumber } from '../../../scenarios/published.ts';
import { loadChecks } from '../../../scenarios/table.ts';
import type { Measurement } from '../../bench/measurement.ts';
import type { MeasuredRun } from '../../bench/measured-run.ts';
import { table } from './markdown.ts';

const notMeasured = 'not measured';

/** What runs measured beside what others published, scenario by scenario; without the notice of generated pages. */
export function publishedPage(runs: readonly MeasuredRun[]): string {
  const scenarios = Map.groupBy(publishedNumbers, ({ scenario }) => scenario);
  return [
    '# Measured beside published',
    '',
    'What Gauntlet measured, beside what others published of the same kind, for the order of magnitude. No ratio of theirs to ours is given: no two of these set-ups are alike',
    '(below). The only ratio is that of a gateway to the same load without it, where whoever measured has both from one set-up; it too depends on how many processors each',
    'side had.',
    '',
    ...(runs.length === 0
      ? [
          '**No run of ours is kept here yet**: `gauntlet load publish RUN --data docs/data` keeps one, and `npm run docs` writes this page anew.',
          '',
        ]
      : []),
    '## Set-ups',
    '',
    table(['Who', 'Machine', 'Cluster', 'What', 'Load'], [...runs.map(ownSetUp), ...publications.map(theirSetUp)]),
    ...[...scenarios].flatMap(([id, numbers]) => section(id, numbers, runs)),
  ].join('\n');
}

const ownSetUp = ({ runId, measuredAt, machine, cluster, target, gauntlet, drivers }: MeasuredRun): readonly string[] => {
  const versions = Object.entries(drivers).map(([name, version]) => `${name} ${version}`);
  return [
    `**ours**, ${text(runId)}, ${text(measuredAt.slice(0, 10))}`,
    ...[
      `${machine}, shared by all: gateway, backend, driver, API server`,
      cluster,
      `${target}, by Gauntlet ${gauntlet}`,
      [...versions, 'and the same without the gateway'].join(', '),
    ].map(text),
  ];
};

const theirSetUp = ({ title, url, machine, cluster, versions, load }: (typeof publications)[number]): readonly string[] => [
  `[${title}](${url})`,
  ...[machine, cluster, versions, load].map(text),
];

function section(id: string, numbers: readonly PublishedNumber[], runs: readonly MeasuredRun[]): readonly string[] {
  const title = loadChecks.find((check) => check.id === id)?.title ?? id;
  const reasons = new Set<string>();
  const rows = numbers.map((number) => [
    text(number.cell === undefined ? number.metric : `${number.cell}: ${number.metric}`),
    ...(runs.length === 0 ? [notMeasured] : runs.map((run) => ownCell(run, number, reasons))),
    text(number.theirs),
    sourceLink(number.source),
    text(number.differs ?? ''),
  ]);
  const heads = runs.length === 0 ? ['Ours'] : runs.map(({ runId }) => `Ours, ${text(runId)}`);
  return [
    `## ${id}`,
    '',
    `${title}.`,
    '',
    table(['What', ...heads, 'Theirs', 'From', 'What differs, beside the set-up'], rows),
    ...[...reasons].flatMap((reason) => [`\\* says nothing of the gateway: ${text(reason)}`, '']),
  ];
}

/** To its row among the set-ups, which links to the text itself. */
function sourceLink(id: PublishedNumber['source']): string {
  return `[${publications.find((publication) => publication.id === id)?.title ?? id}](#set-ups)`;
}

function ownCell({ scenarios }: MeasuredRun, { scenario, cell, metric }: PublishedNumber, reasons: Set<string>): string {
  const played = scenarios.find(({ id }) => id === scenario);
  if (played === undefined) return notMeasured;
  if (played.verdict === 'could-not-run') return 'could not run';
  const found = played.measurements.filter((one) => one.metric === metric && (cell === undefined || one.cell === cell));
  if (found.length === 0) return notMeasured;
  const told = found.map((one) => numberText(one, cell === undefined, reasons)).join('; ');
  return played.verdict === 'pass' ? told : `${told} (the scenario ended as ${played.verdict})`;
}

function numberText(measured: Measurement, withCell: boolean, reasons: Set<string>): string {
  const { cell, unit, value, direct, invalid } = measured;
  if (value === null) return notMeasured;
  const where = withCell ? ` (${text(cell)})` : '';
  if (invalid !== undefined) {
    reasons.add(invalid);
    return `~~${text(measuredText(measured))}~~ \\*${where}`;
  }
  return `${text(measuredText(measured))}${share(unit, value, direct)}${where}`;
}

/** Of a rate only: the share of a latency says nothing. */
const share = (unit: Measurement['unit'], value: number, direct: number | null | undefined): string =>
  unit !== 'per second' || direct === undefined || direct === null || direct === 0
    ? ''
    : `, ${(value / direct).toFixed(2)} of ${measuredText({ unit, value: direct })} without it`;
