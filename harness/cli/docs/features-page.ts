// SPDX-License-Identifier: Apache-2.0
import { targets } from '../../../fixtures/targets/index.ts';
import { features } from '../../../suites/features.ts';
import type { RegisteredCheck } from '../../check/check.ts';
import type { Target } from '../../target/target.ts';
import { checkLink, notice, table } from './markdown.ts';

/**
 * The feature matrix: every row, its checks, and what each release comes to. CI runs all of it, some in turns, so what has no entry in the baseline holds.
 *
 * @param gaps - ids of checks that the baseline knows to fail
 */
export function featuresPage(checks: readonly RegisteredCheck[], gaps: ReadonlySet<string>): string {
  const header = ['Feature', 'What a target claims', ...targets.map(({ name, version }) => `${name} ${version}`), 'Checks'];
  const rows = features.map(({ id, title, claim }) => {
    const own = checks.filter(({ feature }) => feature === id);
    return [
      `**${title}**<br>\`${id}\``,
      claim,
      ...targets.map((target) => standing(target, id, own, gaps)),
      own.map((check) => `${checkLink(check.id)}${mark(check, gaps)}`).join(', '),
    ];
  });
  return [
    notice,
    '# Features',
    '',
    'A check without a mark holds on the release: `gauntlet test` runs those of P0 every time and the others in turns. **gap**: known not to hold, see',
    '[findings](../findings.md). *needs*: exercised only with what is named.',
    '',
    table(header, rows),
  ].join('\n');
}

function standing(target: Target, feature: string, checks: readonly RegisteredCheck[], gaps: ReadonlySet<string>): string {
  if (!target.features.includes(feature)) return '–';
  const known = checks.filter(({ id }) => gaps.has(id)).length;
  const lacking = checks.filter(({ needs }) => needs.some((part) => part in target.parts)).length;
  const holding = checks.length - known - lacking;
  const counts = [
    ...(holding > 0 ? [`${holding} hold`] : []),
    ...(known > 0 ? [`**${known} ${known === 1 ? 'gap' : 'gaps'}**`] : []),
    ...(lacking > 0 ? [`${lacking} need more`] : []),
  ];
  return counts.join(', ');
}

function mark({ id, needs }: RegisteredCheck, gaps: ReadonlySet<string>): string {
  if (gaps.has(id)) return ' (**gap**)';
  return needs.length === 0 ? '' : ` (*needs ${needs.join(', ')}*)`;
}
