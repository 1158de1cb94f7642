// SPDX-License-Identifier: Apache-2.0
import type { Catalogue } from '../../conformance/catalogue.ts';
import { minorReleases } from './releases.ts';
import type { Finding, Need, Problem, Rule } from './rule.ts';
import { rules } from './rules.ts';
import type { ReportSubject, Submission } from './submission.ts';

/** Rules that could not be checked on a file: neither held nor broken. */
export interface NotChecked {
  readonly file: string;
  readonly rules: readonly string[];
  readonly reason: string;
}

/** What linting came to. */
export interface LintResult {
  /** Paths of all reports that were looked at. */
  readonly reports: readonly string[];
  /** By folder; in each the folder itself, its README and its reports, and in each of these by line. */
  readonly findings: readonly Finding[];
  readonly notChecked: readonly NotChecked[];
}

/**
 * Checks submissions against upstream's rules. Pure: what releases there are is what catalogues there are.
 *
 * @param catalogues - what each known version of the suite consists of
 */
export function lint(submissions: readonly Submission[], catalogues: readonly Catalogue[]): LintResult {
  const releases = minorReleases(catalogues);
  const results = submissions.map((submission) => lintSubmission(submission, catalogues, releases));
  return {
    reports: submissions.flatMap(({ reports }) => reports.map(({ path }) => path)),
    findings: results.flatMap(({ findings }) => findings),
    notChecked: results.flatMap(({ notChecked }) => notChecked),
  };
}

type Part = Pick<LintResult, 'findings' | 'notChecked'>;

function lintSubmission(submission: Submission, catalogues: readonly Catalogue[], releases: readonly string[]): Part {
  const parts = [lintReadme(submission)];
  for (const report of submission.reports) {
    const { gatewayAPIVersion: version } = report.model;
    const catalogue = catalogues.find(({ apiVersion }) => apiVersion === version);
    const reasons: Partial<Record<Need, string>> = {
      ...(catalogue === undefined
        ? { catalogue: `What the suite of Gateway API ${version ?? '(none)'} consists of is not known here.` }
        : {}),
      ...(submission.release === undefined ? { 'release-folder': 'The folder is in none that is named after a release, as v1.5.' } : {}),
    };
    parts.push(apply(rules.report, { report, submission, catalogue, releases } satisfies ReportSubject, report.path, reasons));
  }
  return { findings: parts.flatMap(({ findings }) => findings), notChecked: parts.flatMap(({ notChecked }) => notChecked) };
}

function lintReadme(submission: Submission): Part {
  const { readme, path } = submission;
  if (readme === 'not-asked') {
    const own = [...rules.folder, ...rules.readme].map(({ id }) => id);
    return { findings: [], notChecked: [{ file: path, rules: own, reason: 'Single files were given: for the README give the folder.' }] };
  }
  const folder = apply(rules.folder, submission, path, {});
  if (readme === undefined) return folder;
  const own = apply(rules.readme, { submission, readme }, readme.path, {});
  return { findings: [...folder.findings, ...own.findings], notChecked: [] };
}

function apply<Subject>(
  own: readonly Rule<Subject>[],
  subject: Subject,
  file: string,
  reasons: Partial<Readonly<Record<Need, string>>>,
): Part {
  const findings: Finding[] = [];
  const skipped = new Map<string, string[]>();
  for (const { id, severity, needs, check } of own) {
    const reason = needs === undefined ? undefined : reasons[needs];
    if (reason === undefined) for (const problem of check(subject)) findings.push(findingOf(id, severity, problem));
    else skipped.set(reason, [...(skipped.get(reason) ?? []), id]);
  }
  return {
    findings: findings.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)),
    notChecked: [...skipped].map(([reason, ids]) => ({ file, rules: ids, reason })),
  };
}

function findingOf(rule: string, severity: Finding['severity'], { file, line, field, message, mend }: Problem): Finding {
  return { rule, severity, file, line, field, message, mend };
}
