// SPDX-License-Identifier: Apache-2.0
import type { Finding } from '../../harness/certification/lint/rule.ts';
import type { LintResult } from '../../harness/certification/lint/lint.ts';
import type { RuleData } from '../../harness/certification/lint/rules.ts';
import { plural } from '../format.ts';
import { printableLine } from '../printable.ts';
import { columns } from '../terminal/layout.ts';
import type { Style } from '../terminal/style.ts';

/** Findings as a table under each file, with what mends them, the source of every rule that is broken, and what was not checked. */
export function printLint({ reports, findings, notChecked }: LintResult, rules: readonly RuleData[], style: Style): string {
  const files = [...Map.groupBy(findings, ({ file }) => file)].map(([file, own]) =>
    [style('strong', printableLine(file)), ...table(own, style)].join('\n'),
  );
  const broken = rules.filter(({ id }) => findings.some(({ rule }) => rule === id));
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const unchecked = [...Map.groupBy(notChecked, ({ reason, rules: ids }) => `${reason} Not checked: ${ids.join(', ')}.`)].map(
    ([text, own]) => `${printableLine(text)} (${plural(own.length, 'file')}, the first ${printableLine(own[0]?.file ?? '')})`,
  );
  return [
    ...files,
    ...(broken.length === 0 ? [] : [['Rules, and where upstream has them:', ...sourceRows(broken, style)].join('\n')]),
    ...(unchecked.length === 0 ? [] : [unchecked.join('\n')]),
    `${plural(reports.length, 'report')}: ${plural(errors, 'error')}, ${plural(findings.length - errors, 'warning')}`,
  ].join('\n\n');
}

function table(findings: readonly Finding[], style: Style): readonly string[] {
  const rows = columns(
    findings.map(({ line, severity, rule }) => [line === null ? '-' : String(line), severity, rule]),
    [0],
  );
  return findings.flatMap(({ severity, field, message, mend }, index) => {
    const [line = '', level = '', rule = ''] = rows[index] ?? [];
    const where = field === null ? '' : `${printableLine(field)}: `;
    return [
      `  ${line}  ${style(severity === 'error' ? 'bad' : 'doubtful', level)}  ${rule}  ${where}${printableLine(message)}`,
      `  ${' '.repeat(line.length)}  ${style('quiet', `mend: ${printableLine(mend)}`)}`,
    ];
  });
}

function sourceRows(rules: readonly RuleData[], style: Style): readonly string[] {
  return columns(rules.map(({ id, source: { url } }) => [id, url])).map(
    ([id = '', url = '']) => `  ${id}  ${style('link', url.trimEnd())}`,
  );
}
