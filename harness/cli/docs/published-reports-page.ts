// SPDX-License-Identifier: Apache-2.0
import type { LintResult } from '../../certification/lint/lint.ts';
import type { Finding } from '../../certification/lint/rule.ts';
import { ruleTable, type RuleData } from '../../certification/lint/rules.ts';
import { text as escape } from '../../../reports/markdown/markup.ts';
import { plural } from '../../../reports/format.ts';
import { enforcedBy } from './certification-rules-page.ts';
import { table } from './markdown.ts';

/** What the page says of where its reports come from. */
export interface PublishedReportsOrigin {
  /** Commit of kubernetes-sigs/gateway-api. */
  readonly commit: string;
  /** Its date, as `2026-08-21`. */
  readonly date: string;
  /** The newest minor release that was known when it was made. */
  readonly newest: string;
  readonly releases: readonly string[];
}

/** The page of findings on published reports; paths in the result are below upstream's conformance/reports. */
export function publishedReportsPage(result: LintResult, origin: PublishedReportsOrigin): string {
  const { findings, reports } = result;
  const base = `https://github.com/kubernetes-sigs/gateway-api/blob/${origin.commit}/conformance/reports`;
  const broken = ruleTable.filter(({ id }) => findings.some(({ rule }) => rule === id));
  const clean = reports.filter((report) => !findings.some(({ file, rule }) => rule !== 'stale-release' && file === report));
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  return [
    '<!-- Written by harness/cli/docs/published-reports.ts (see below). Do not edit. -->',
    '',
    '# Published conformance reports, linted',
    '',
    `What \`gauntlet certify lint\` says of the ${reports.length} reports for ${origin.releases.join(', ')}, and of the README beside them, as they lie in`,
    `[conformance/reports](https://github.com/kubernetes-sigs/gateway-api/tree/${origin.commit}/conformance/reports) (Apache-2.0) on ${origin.date}, when ${origin.newest} was the newest release.`,
    'All of them have been taken: what is left to review was let pass, and the suite refuses a url without http(s) only since September 2026, after they were made. A finding',
    'says what stands in a file and which rule it is against; it says nothing about the gateway. [All rules](generated/certification-rules.md).',
    '',
    `${plural(errors, 'error')} and ${plural(findings.length - errors, 'warning')}.`,
    '',
    table(
      ['Rule', 'Severity', 'Upstream finds it by', 'Findings', 'Files'],
      broken.map((rule) => {
        const own = findings.filter((finding) => finding.rule === rule.id);
        const files = new Set(own.map(({ file }) => file));
        return [`[${rule.id}](#${rule.id})`, rule.severity, enforcedBy[rule.enforcedBy], String(own.length), String(files.size)];
      }),
    ),
    `${plural(clean.length, 'report')} with no finding, or with that of its age only: ${clean.map((file) => `[${file}](${base}/${file})`).join(', ')}.`,
    '',
    ...uncheckedLines(result),
    'Made by hand, in a clone of upstream at that commit:',
    '',
    '```sh',
    `node --disable-warning=ExperimentalWarning harness/cli/docs/published-reports.ts <clone>/conformance/reports ${origin.commit} ${origin.date} ${origin.releases.join(' ')}`,
    '```',
    '',
    ...broken.map((rule) =>
      section(
        rule,
        findings.filter((finding) => finding.rule === rule.id),
        base,
      ),
    ),
  ].join('\n');
}

function uncheckedLines({ notChecked }: LintResult): readonly string[] {
  if (notChecked.length === 0) return ['Every rule was checked on every report.', ''];
  return [...notChecked.map(({ file, rules, reason }) => `Not checked: ${escape(file)}: ${rules.join(', ')}. ${escape(reason)}`), ''];
}

function section(rule: RuleData, findings: readonly Finding[], base: string): string {
  const rows = findings.map(({ file, line, field, message }) => [
    `[${file}${line === null ? '' : `:${line}`}](${base}/${file}${line === null ? '' : `#L${line}`})`,
    `${field === null ? '' : `\`${field.replaceAll(/[`|]/g, '')}\`: `}${escape(message)}`,
  ]);
  const what = `${rule.requires.replaceAll('<', '&lt;')} Source: [${rule.source.title}](${rule.source.url}).`;
  return [`## ${rule.id}`, '', what, '', table(['Where', 'What is there'], rows)].join('\n');
}
