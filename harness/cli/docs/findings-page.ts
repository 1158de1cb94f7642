// SPDX-License-Identifier: Apache-2.0
import type { BaselineEntry } from '../../check/baseline.ts';
import type { RegisteredCheck } from '../../check/check.ts';
import { notice } from './markdown.ts';

/** Every known gap: what was promised and where, what happens, in which versions, and how to see it. */
export function findingsPage(checks: readonly RegisteredCheck[], entries: readonly BaselineEntry[]): string {
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
    `- **See it**: \`./gauntlet run ${entry.id}\` ([${entry.id}](generated/checks.md#${entry.id}))`,
  ].join('\n');
}
