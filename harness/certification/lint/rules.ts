// SPDX-License-Identifier: Apache-2.0
import type { Rule } from './rule.ts';
import { featureRules } from './rules/features.ts';
import { fileRules } from './rules/files.ts';
import { identityRules } from './rules/identity.ts';
import { folderRules, readmeRules } from './rules/readme.ts';
import { resultRules } from './rules/results.ts';
import type { ReportSubject } from './submission.ts';

/** All rules, by what they look at, in the order in which they are shown. */
export const rules = {
  report: [...identityRules, ...fileRules, ...resultRules, ...featureRules] satisfies readonly Rule<ReportSubject>[],
  folder: folderRules,
  readme: readmeRules,
} as const;

/** A rule without its code, for pages and reports. */
export type RuleData = Omit<Rule<never>, 'check'>;

/** The whole table. */
export const ruleTable: readonly RuleData[] = [...rules.report, ...rules.folder, ...rules.readme];

/** The rule of that id; undefined if there is none. */
export function findRule(id: string): RuleData | undefined {
  return ruleTable.find((rule) => rule.id === id);
}
