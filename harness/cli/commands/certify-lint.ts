// SPDX-License-Identifier: Apache-2.0
import { Command } from 'commander';
import { printLint } from '../../../reports/certification/print-lint.ts';
import { hasColour, styleFor } from '../../../reports/terminal/style.ts';
import { lint } from '../../certification/lint/lint.ts';
import { readSubmissions } from '../../certification/lint/read-submissions.ts';
import { ruleTable } from '../../certification/lint/rules.ts';
import { catalogues } from '../../conformance/catalogue.ts';

/** `gauntlet certify lint`: whether upstream would take a submission. */
export function certifyLintCommand(): Command {
  return new Command('lint')
    .description(
      "Check conformance reports, and their folders, against upstream's rules; exit code 1 if one is broken that upstream states for a report to be taken",
    )
    .argument('<paths...>', 'folders of submissions, of a release or of all, or single reports')
    .option('--json', 'print the findings as JSON', false)
    .action((paths: readonly string[], { json }: { readonly json: boolean }) => {
      const result = lint(readSubmissions(paths), catalogues);
      process.stdout.write(
        json ? `${JSON.stringify(result, undefined, 2)}\n` : `${printLint(result, ruleTable, styleFor(hasColour(process.stdout)))}\n`,
      );
      process.exitCode = result.findings.some(({ severity }) => severity === 'error') ? 1 : 0;
    });
}
