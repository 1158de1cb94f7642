// SPDX-License-Identifier: Apache-2.0
import { targets } from '../../../fixtures/targets/index.ts';
import type { BaselineEntry } from '../../check/baseline.ts';
import type { RegisteredCheck } from '../../check/check.ts';
import { proxyPart } from '../../target/target.ts';
import { notice } from './markdown.ts';

/** The one that commands mean without `--target`. */
const defaultGateway = 'kgateway';

/** Every known gap: what was promised and where, what happens, in which versions, and how to see it. */
export function findingsPage(
  checks: readonly RegisteredCheck[],
  entries: readonly BaselineEntry[],
  lifecycle: readonly BaselineEntry[],
): string {
  const byId = new Map(checks.map((check) => [check.id, check]));
  const sections = entries.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map((entry) => section(entry, byId.get(entry.id)));
  return [
    notice,
    '# Findings',
    '',
    'Promises that a release is known to break. Each is asserted by a check that stays red on the gateway and is a `known-gap` in the run because of its entry in',
    '[suites/baseline.yaml](../suites/baseline.yaml); when the gap closes, the run turns red until the entry goes. Other facts: [observations](observations.md).',
    '',
    `${sections.length} findings.`,
    '',
    sections.join('\n\n'),
    '',
    '# Over the life of a policy',
    '',
    'What gets past a policy while something around it changes, by cells of the [lifecycle matrix](lifecycle.md): policy, event, level. A star stands for all of a kind.',
    'From [suites/lifecycle/baseline.yaml](../suites/lifecycle/baseline.yaml).',
    '',
    ...lifecycle.map(lifecycleSection),
  ].join('\n');
}

function lifecycleSection(entry: BaselineEntry): string {
  const words = entry.id.split(/[.|]/).filter((word) => word !== '*');
  return [
    `## ${entry.id}`,
    '',
    `- **Promised**: ${entry.expectation}.`,
    `- **Observed**: ${entry.reason}${entry.sometimes ? ' (Not in every try.)' : ''} [More](${entry.link}).`,
    `- **Where**: ${entry.target} ${entry.versions}; the entry expires on ${entry.expires}.`,
    `- **See it**: \`./gauntlet lifecycle ${words.join(' ')}\``,
    '',
  ].join('\n');
}

function section(entry: BaselineEntry, check: RegisteredCheck | undefined): string {
  const sources = (check?.specification ?? []).map(({ title, url }) => `[${title}](${url})`).join(', ');
  return [
    `## ${check?.title ?? entry.id}`,
    '',
    `- **Promised**: ${entry.expectation}. Source: ${sources}.`,
    `- **Observed**: ${entry.observed}${entry.sometimes ? ' (a race: not every time)' : ''}`,
    `- **Why**: ${entry.reason} [More](${entry.link}).`,
    `- **Where**: ${entry.target} ${entry.versions}; the entry expires on ${entry.expires}.`,
    `- **See it**: \`./gauntlet run ${entry.id}${given(entry)}\` ([${entry.id}](generated/checks.md#${entry.id}))`,
  ].join('\n');
}

/** What the command line needs for a gateway other than the usual one. */
function given({ target }: BaselineEntry): string {
  if (target === defaultGateway) return '';
  const isGiven = targets.some(({ name, parts }) => name === target && proxyPart in parts);
  return ` --target ${target}${isGiven ? ' --proxy-bin PATH' : ''}`;
}
