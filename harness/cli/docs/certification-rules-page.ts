// SPDX-License-Identifier: Apache-2.0
import type { Enforcement } from '../../certification/lint/rule.ts';
import { ruleTable } from '../../certification/lint/rules.ts';
import { notice, table } from './markdown.ts';

/** Who finds a breach, in words. */
export const enforcedBy: Readonly<Record<Enforcement, string>> = {
  script: '`verify-reports.sh`',
  suite: 'the suite',
  review: 'review',
};

/** Every rule of `gauntlet certify lint`. */
export function certificationRulesPage(): string {
  const rows = ruleTable.map(({ id, severity, requires, enforcedBy: who, source }) => [
    `\`${id}\``,
    severity,
    requires.replaceAll('<', '&lt;'),
    enforcedBy[who],
    `[${source.title}](${source.url})`,
  ]);
  return [
    notice,
    '# Rules for submissions',
    '',
    'What `gauntlet certify lint` checks a submission of conformance reports for. An error is a breach of what upstream states for a report to be taken; a warning',
    'is what upstream takes, and what misleads a reader or makes a report count for less. Upstream finds breaches by its script, by the suite when it writes a report,',
    'or in review, which lets some of them pass.',
    '',
    table(['Rule', 'Severity', 'What must hold', 'Upstream finds it by', 'Source'], rows),
  ].join('\n');
}
