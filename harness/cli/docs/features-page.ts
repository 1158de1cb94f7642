// SPDX-License-Identifier: Apache-2.0
import { targets } from '../../../fixtures/targets/index.ts';
import { features } from '../../../suites/features.ts';
import type { RegisteredCheck } from '../../check/check.ts';
import { proxyPart, type Target } from '../../target/target.ts';
import { checkLink, notice, table } from './markdown.ts';

/** Ids of the checks that the baseline knows to fail, by name of the gateway. */
export type KnownGaps = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * The feature matrix: every row, its checks, and what each release comes to, the gateways side by side. CI runs all of it that needs nothing given, some in
 * turns, so what has no entry in the baseline holds.
 */
export function featuresPage(checks: readonly RegisteredCheck[], gaps: KnownGaps): string {
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
    "A gateway is asked by the checks in `suites/portable`, which speak every gateway's words, and by those of its own folder. A check without a mark holds on the",
    'release: `gauntlet test` runs those of P0 every time and the others in turns. **gap**: known not to hold on a gateway, see [findings](../findings.md).',
    "*needs*: exercised only with what is named. *need a proxy*: the gateway's proxy is in no package registry and has to be given; some of these checks find",
    'at run time that the gateway has no words for what they ask, and are not applicable then.',
    '',
    table(header, rows),
  ].join('\n');
}

function standing(target: Target, feature: string, checks: readonly RegisteredCheck[], gaps: KnownGaps): string {
  if (!target.features.includes(feature)) return '–';
  const asked = checks.filter(({ file }) => !targets.some(({ name }) => name !== target.name && file.startsWith(`suites/${name}/`)));
  const [known, others] = partition(asked, ({ id }) => gaps.get(target.name)?.has(id) === true);
  const [waiting, rest] = partition(others, ({ needs }) => proxyPart in target.parts && needs.includes(proxyPart));
  const [lacking, holding] = partition(rest, ({ needs }) => needs.some((part) => part in target.parts));
  const counts = [
    ...(holding.length > 0 ? [`${holding.length} hold`] : []),
    ...(known.length > 0 ? [`**${known.length} ${known.length === 1 ? 'gap' : 'gaps'}**`] : []),
    ...(lacking.length > 0 ? [`${lacking.length} need more`] : []),
    ...(waiting.length > 0 ? [`${waiting.length} need a proxy`] : []),
  ];
  return counts.length === 0 ? 'no check' : counts.join(', ');
}

function partition<T>(all: readonly T[], holds: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(holds), all.filter((one) => !holds(one))];
}

function mark({ id, needs }: RegisteredCheck, gaps: KnownGaps): string {
  const broken = [...gaps].filter(([, ids]) => ids.has(id)).map(([gateway]) => gateway);
  if (broken.length > 0) return ` (**gap** of ${broken.join(' and ')})`;
  const special = needs.filter((part) => part !== proxyPart);
  return special.length === 0 ? '' : ` (*needs ${special.join(', ')}*)`;
}
