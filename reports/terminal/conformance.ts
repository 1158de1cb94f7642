// SPDX-License-Identifier: Apache-2.0
import type { ConformanceCounts } from '../../harness/run/events.ts';
import type { RunDocument } from '../../harness/run/document.ts';
import { formatMs, plural } from '../format.ts';
import { printable, printableLine } from '../printable.ts';
import { row, type Canvas } from './canvas.ts';
import { columns, fit } from './layout.ts';

const logLinesShown = 8;

/** The upstream suite: each failed test with the end of its log, then the profiles as its report has them. */
export function conformanceBlocks({ conformance }: RunDocument, canvas: Canvas): readonly (readonly string[])[] {
  if (!conformance) return [];
  const { style, runDirectory } = canvas;
  const failed = conformance.tests.filter((test) => test.result === 'failed');
  const skipped = conformance.tests.filter((test) => test.result === 'skipped').length;
  const facts = [
    conformance.apiVersion,
    plural(conformance.tests.length - skipped, 'test'),
    `${failed.length} failed`,
    `${skipped} others not asked for`,
    formatMs(conformance.durationMs),
  ];
  return [
    ...failed.map((test) => [
      `${style('bad', 'FAIL')} ${style('strong', printableLine(test.name))}   ${style('quiet', formatMs(test.durationMs))}`,
      ...logTail(test.log ?? '', canvas),
    ]),
    profileLines(conformance.profiles, canvas),
    [
      row('upstream', facts.map(printableLine).join(', '), canvas),
      ...(conformance.provisional.length === 0 ? [] : [row('provisional', conformance.provisional.map(printableLine).join(', '), canvas)]),
      ...(conformance.report === ''
        ? []
        : [row('its report', style('link', printableLine(`${runDirectory}/${conformance.report}`)), canvas)]),
    ],
  ];
}

function logTail(log: string, { style, width }: Canvas): readonly string[] {
  const lines = printable(log)
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.slice(-logLinesShown).map((line) => `     ${style('quiet', fit(printableLine(line), width - 5))}`);
}

function profileLines(profiles: NonNullable<RunDocument['conformance']>['profiles'], { style }: Canvas): readonly string[] {
  if (profiles.length === 0) return [];
  const [header = [], ...rows] = columns([
    ['profile', 'core', 'extended'],
    ...profiles.map((profile) => [
      printableLine(profile.name),
      countText(profile.core),
      profile.extended ? countText(profile.extended) : '–',
    ]),
  ]);
  return [
    style('quiet', header.join('   ').trimEnd()),
    ...rows.map((cells, index) => {
      const profile = profiles[index];
      const failed = (profile?.core.failed ?? 0) + (profile?.extended?.failed ?? 0);
      return style(failed > 0 ? 'bad' : 'good', cells.join('   ').trimEnd());
    }),
  ];
}

function countText({ passed, failed, skipped }: ConformanceCounts): string {
  return [`${passed} passed`, ...(failed > 0 ? [`${failed} FAILED`] : []), ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(', ');
}
