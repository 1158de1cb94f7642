// SPDX-License-Identifier: Apache-2.0
import type { Entry, PartModel, ProfileModel } from '../report-model.ts';
import type { Problem, Rule } from '../rule.ts';
import { sources } from '../sources.ts';
import { countedTests, extendedFeaturesOf, suiteProfile, type SuiteProfile } from '../suite-tests.ts';
import type { ReportSubject } from '../submission.ts';
import { quoted } from './identity.ts';

const rerun = 'Submit the report as the suite wrote it, or run the suite again.';

/** What a report says of its profiles. */
export const resultRules: readonly Rule<ReportSubject>[] = [
  {
    id: 'profiles',
    severity: 'error',
    requires: 'A report has profiles, each once.',
    source: sources.format,
    enforcedBy: 'review',
    *check({ report }) {
      const { profiles } = report.model;
      if (profiles.length === 0 && report.syntaxErrors.length === 0)
        yield report.problem(['profiles'], 'The report has no profile: nothing was tested.', 'Run the suite with --conformance-profiles.');
      for (const { name, path } of profiles.filter((profile, index) => isNamedBefore(profiles, profile, index)))
        yield report.problem([...path, 'name'], `The profile ${quoted(name ?? '')} is in the report twice.`, rerun);
    },
  },
  {
    id: 'profile-unknown',
    severity: 'error',
    requires: 'Each profile is one that the suite of the version has.',
    source: sources.profiles,
    enforcedBy: 'suite',
    needs: 'catalogue',
    *check({ report, catalogue }) {
      for (const { name, path } of report.model.profiles) {
        if (name === undefined || catalogue === undefined || suiteProfile(catalogue, name) !== undefined) continue;
        const known = catalogue.profiles.map((profile) => profile.name).join(', ');
        const message = `The suite of Gateway API ${catalogue.apiVersion} has no profile ${quoted(name)}; it has ${known}.`;
        yield report.problem([...path, 'name'], message, 'Submit a report of the unmodified suite.');
      }
    },
  },
  {
    id: 'result-failure',
    severity: 'error',
    requires: 'The result of each part of each profile is success or partial.',
    source: sources.reports,
    enforcedBy: 'review',
    *check({ report }) {
      for (const { profile, part } of parts(report.model.profiles)) {
        const failures = Math.max(part.statistics?.failed ?? 0, part.failedTests.length);
        if (part.result !== 'failure' && failures === 0) continue;
        const message = `Of ${profile.name ?? 'the profile'} failed ${failures} ${part.kind} ${failures === 1 ? 'test' : 'tests'}${listed(part.failedTests)}.`;
        yield report.problem(
          [...part.path, 'result'],
          message,
          'Mend what fails; what is extended can be left out of the claimed features.',
        );
      }
    },
  },
  {
    id: 'result-statistics',
    severity: 'error',
    requires: 'A result is what its statistics give: failure with a failed test, else partial with a skipped one, else success.',
    source: sources.results,
    enforcedBy: 'review',
    *check({ report }) {
      for (const { part } of parts(report.model.profiles)) {
        if (part.statistics === undefined || part.result === undefined) continue;
        const due = resultOf(part.statistics);
        if (part.result === due) continue;
        const { failed, skipped } = part.statistics;
        const message = `The result is ${quoted(part.result)}; with ${failed} failed and ${skipped} skipped the suite writes ${due}.`;
        yield report.problem([...part.path, 'result'], message, rerun);
      }
    },
  },
  {
    id: 'test-lists',
    severity: 'error',
    requires: 'As many tests are listed as failed and as skipped as the statistics say, each once.',
    source: sources.results,
    enforcedBy: 'review',
    *check({ report }) {
      for (const { part } of parts(report.model.profiles)) {
        for (const [name, entries, count] of [
          ['failedTests', part.failedTests, part.statistics?.failed],
          ['skippedTests', part.skippedTests, part.statistics?.skipped],
        ] as const) {
          if (count !== undefined && count !== entries.length)
            yield report.problem([...part.path, name], `${entries.length} tests are listed, and ${count} counted.`, rerun);
          for (const { text, path } of repeated(entries)) yield report.problem(path, `${quoted(text)} is listed twice.`, rerun);
        }
      }
    },
  },
  {
    id: 'summary',
    severity: 'warning',
    requires: 'The summary says what the results are.',
    source: sources.results,
    enforcedBy: 'review',
    *check({ report }) {
      for (const { path, summary, parts: own } of report.model.profiles) {
        const due = summaryOf(own);
        if (summary === undefined || due === undefined || summary.trim().replace(/\s+/g, ' ') === due) continue;
        yield report.problem([...path, 'summary'], `The summary is ${quoted(summary)}; the suite writes ${quoted(due)}.`, rerun);
      }
    },
  },
  {
    id: 'core-skipped',
    severity: 'warning',
    requires: 'No core test is skipped: with one the profile is not conformant at any level, only partially.',
    source: sources.profileFormat,
    enforcedBy: 'review',
    *check({ report }) {
      for (const { profile, part } of parts(report.model.profiles)) {
        if (part.kind !== 'core' || part.skippedTests.length === 0) continue;
        const message = `${profile.name ?? 'The profile'} skips ${part.skippedTests.length} core ${part.skippedTests.length === 1 ? 'test' : 'tests'}${listed(part.skippedTests)}.`;
        const mend = 'Run them; with them skipped the report is partial, and is listed apart.';
        yield report.problem([...part.path, 'skippedTests'], message, mend);
      }
    },
  },
  {
    id: 'claimed-but-skipped',
    severity: 'warning',
    requires: 'No feature is claimed whose tests are skipped.',
    source: sources.claimed,
    enforcedBy: 'review',
    *check({ report, catalogue }) {
      for (const { profile, part } of parts(report.model.profiles)) {
        if (part.kind !== 'extended') continue;
        const known = catalogue === undefined ? undefined : suiteProfile(catalogue, profile.name ?? '');
        for (const { text, path } of part.skippedTests) {
          const features = known === undefined ? [] : extendedFeaturesOf(known, text);
          const of = features.length === 0 ? 'the features that it needs' : features.join(', ');
          const message = `${text} is skipped, and ${of} claimed as supported: the suite skips only tests of claimed features.`;
          yield report.problem(
            path,
            message,
            `Run the test, or leave out ${features.length === 1 ? of : 'the feature that it is about'}: without it the part is a success.`,
          );
        }
      }
    },
  },
  {
    id: 'test-unknown',
    severity: 'warning',
    requires: 'Failed and skipped tests are tests that the suite of the version has for the profile.',
    source: sources.suite,
    enforcedBy: 'review',
    needs: 'catalogue',
    *check(subject) {
      for (const { part, known, version } of knownParts(subject)) {
        for (const { text, path } of [...part.failedTests, ...part.skippedTests]) {
          if (known.tests.some(({ name }) => name === text)) continue;
          const message = `The suite of Gateway API ${version} has no test ${quoted(text)} for this profile.`;
          yield subject.report.problem(path, message, 'Run the suite of the version that the report is for.');
        }
      }
    },
  },
  {
    id: 'test-count',
    severity: 'warning',
    requires:
      'Passed, failed and skipped tests together are those that the suite of the version has for the core of the profile, or for the claimed features.',
    source: sources.results,
    enforcedBy: 'review',
    needs: 'catalogue',
    *check(subject) {
      for (const { part, known, version } of knownParts(subject)) {
        const problem = countProblem(subject, part, known, version);
        if (problem !== undefined) yield problem;
      }
    },
  },
  {
    id: 'provisional-unknown',
    severity: 'warning',
    requires: 'Provisional tests that succeeded are provisional tests of the suite of the version.',
    source: sources.suite,
    enforcedBy: 'review',
    needs: 'catalogue',
    *check({ report, catalogue }) {
      for (const { text, path } of report.model.provisional) {
        const test = catalogue?.tests.find(({ name }) => name === text);
        if (catalogue === undefined || test?.provisional === true) continue;
        const what = test === undefined ? 'has no such test' : 'has it as a test that is not provisional';
        const message = `${quoted(text)} is said to be a provisional test; the suite of Gateway API ${catalogue.apiVersion} ${what}.`;
        yield report.problem(path, message, 'Run the suite of the version that the report is for.');
      }
    },
  },
];

/** Every part of every profile. */
export function parts(profiles: readonly ProfileModel[]): readonly { readonly profile: ProfileModel; readonly part: PartModel }[] {
  return profiles.flatMap((profile) => profile.parts.map((part) => ({ profile, part })));
}

/** Every part of a profile that the suite of the version has. */
export function knownParts({ report, catalogue }: ReportSubject): readonly {
  readonly part: PartModel;
  readonly known: SuiteProfile;
  readonly profile: string;
  readonly version: string;
}[] {
  if (catalogue === undefined) return [];
  return parts(report.model.profiles).flatMap(({ profile: { name = '' }, part }) => {
    const known = suiteProfile(catalogue, name);
    return known === undefined ? [] : [{ part, known, profile: name, version: catalogue.apiVersion }];
  });
}

/** Those of a list that stand in it before. */
export function repeated(entries: readonly Entry[]): readonly Entry[] {
  return entries.filter(({ text }, index) => entries.findIndex((entry) => entry.text === text) < index);
}

function isNamedBefore(profiles: readonly ProfileModel[], { name }: ProfileModel, index: number): boolean {
  return name !== undefined && profiles.findIndex((profile) => profile.name === name) < index;
}

function countProblem({ report }: ReportSubject, part: PartModel, known: SuiteProfile, version: string): Problem | undefined {
  if (part.statistics === undefined) return undefined;
  const { passed, failed, skipped } = part.statistics;
  const total = passed + failed + skipped;
  const due = countedTests(
    known,
    part.kind,
    part.supported.map(({ text }) => text),
  );
  if (total === due.all || total === due.settled) return undefined;
  const expected = due.all === due.settled ? String(due.all) : `${due.all}, or ${due.settled} without provisional ones`;
  const what = part.kind === 'core' ? 'core tests' : 'tests of the claimed features';
  return report.problem(
    [...part.path, 'statistics'],
    `${total} ${what} are counted; the suite of Gateway API ${version} has ${expected}.`,
    total < due.settled
      ? 'Run the unmodified suite of the version: what is not run must be listed as skipped.'
      : 'Run the unmodified suite of the version, with the features that are claimed (v1.4.0 lists features that it inferred as unsupported: gateway-api issue 4112).',
  );
}

function resultOf({ failed, skipped }: NonNullable<PartModel['statistics']>): 'failure' | 'partial' | 'success' {
  if (failed > 0) return 'failure';
  return skipped > 0 ? 'partial' : 'success';
}

/** Undefined where statistics are missing. */
function summaryOf(own: readonly PartModel[]): string | undefined {
  if (own.some(({ statistics }) => statistics === undefined)) return undefined;
  const sentences = own.map(({ kind, statistics }) => `${kind === 'core' ? 'Core' : 'Extended'} tests ${outcomeOf(statistics)}.`);
  return sentences.length === 0 ? undefined : sentences.join(' ');
}

function outcomeOf(statistics: PartModel['statistics']): string {
  if (statistics === undefined) return '';
  const { failed, skipped } = statistics;
  if (failed > 0) return `failed with ${failed} test failures`;
  return skipped > 0 ? `partially succeeded with ${skipped} test skips` : 'succeeded';
}

function listed(entries: readonly Entry[]): string {
  return entries.length === 0 ? '' : `: ${entries.map(({ text }) => text).join(', ')}`;
}
