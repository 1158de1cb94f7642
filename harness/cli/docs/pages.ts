// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { features } from '../../../suites/features.ts';
import { readCatalogue } from '../../../suites/kgateway/catalogue.ts';
import { budgetReasons, defaultBudgets } from '../../check/budgets.ts';
import { readBaseline } from '../../check/baseline.ts';
import { discoverChecks } from '../../check/registry.ts';
import { errorCodes } from '../../errors.ts';
import { documentJsonSchema } from '../../run/document-schema.ts';
import { formatDuration } from '../../units.ts';
import { repositoryRoot, suitesDirectory } from '../paths.ts';
import { createProgram } from '../program.ts';
import { baselineFile, lifecycleBaselineFile } from '../session/baseline-file.ts';
import { cataloguePage } from './catalogue-page.ts';
import { certificationRulesPage } from './certification-rules-page.ts';
import { checksPage } from './checks-page.ts';
import { cliReference } from './cli-reference.ts';
import { featuresPage } from './features-page.ts';
import { findingsPage } from './findings-page.ts';
import { notice, table } from './markdown.ts';
import { readMeasuredRuns } from './measured-runs.ts';
import { publishedPage } from './published-page.ts';

/** A page that is made from the code. */
export interface GeneratedPage {
  /** Path below docs. */
  readonly file: string;
  readonly content: string;
}

/** All generated pages. */
export async function generatedPages(): Promise<readonly GeneratedPage[]> {
  const checks = await discoverChecks(suitesDirectory, features);
  const entries = await readBaseline(baselineFile, 'suites/baseline.yaml');
  const lifecycleEntries = await readBaseline(lifecycleBaselineFile, 'suites/lifecycle/baseline.yaml');
  const catalogue = await readCatalogue(join(suitesDirectory, 'kgateway', 'catalogue.yaml'));
  const byGateway = Map.groupBy(entries, ({ target }) => target);
  const gaps = new Map([...byGateway].map(([gateway, own]) => [gateway, new Set(own.map(({ id }) => id))]));
  return [
    { file: 'generated/checks.md', content: checksPage(checks) },
    { file: 'generated/features.md', content: featuresPage(checks, gaps) },
    { file: 'findings.md', content: findingsPage(checks, entries, lifecycleEntries) },
    { file: 'generated/catalogue.md', content: cataloguePage(catalogue, checks, gaps.get('kgateway') ?? new Set()) },
    { file: 'generated/cli.md', content: `${notice}\n# Command line\n\n${cliReference(createProgram())}` },
    { file: 'generated/certification-rules.md', content: certificationRulesPage() },
    { file: 'generated/errors.md', content: errors() },
    { file: 'generated/published.md', content: `${notice}\n${publishedPage(readMeasuredRuns(join(repositoryRoot, 'docs', 'data')))}` },
    { file: 'generated/budgets.md', content: budgets() },
    { file: 'generated/run-document.schema.json', content: `${JSON.stringify(documentJsonSchema(), undefined, 2)}\n` },
  ];
}

function errors(): string {
  const rows = Object.entries(errorCodes).map(([code, { exitCode, meaning }]) => [`\`${code}\``, String(exitCode), meaning]);
  return `${notice}\n# Errors of the harness\n\nAn error of the harness is never a verdict on the gateway.\n\n${table(['Code', 'Exit code', 'Meaning'], rows)}`;
}

function budgets(): string {
  const names = Object.keys(defaultBudgets) as (keyof typeof defaultBudgets)[];
  const rows = names.map((name) => [`\`${name}\``, formatDuration(defaultBudgets[name]), budgetReasons[name]]);
  return `${notice}\n# Budgets\n\nEvery time limit that a verdict can depend on; \`--budget NAME=SECONDS\` changes one for a run.\n\n${table(['Budget', 'Default', 'Reason'], rows)}`;
}
