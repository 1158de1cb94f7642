// SPDX-License-Identifier: Apache-2.0
import type { Rule } from '../rule.ts';
import { sources } from '../sources.ts';
import type { ReportSubject } from '../submission.ts';
import { quoted } from './identity.ts';
import { knownParts, parts, repeated } from './results.ts';

const rerun = 'Submit the report as the suite of that version wrote it.';

/** What a report claims. */
export const featureRules: readonly Rule<ReportSubject>[] = [
  {
    id: 'feature-overlap',
    severity: 'error',
    requires: 'No feature is both supported and unsupported.',
    source: sources.suite,
    enforcedBy: 'review',
    *check({ report }) {
      for (const { part } of parts(report.model.profiles)) {
        const supported = new Set(part.supported.map(({ text }) => text));
        for (const { text, path } of part.unsupported.filter((entry) => supported.has(entry.text)))
          yield report.problem(path, `${quoted(text)} is listed as supported and as unsupported.`, rerun);
      }
    },
  },
  {
    id: 'feature-repeated',
    severity: 'error',
    requires: 'Each feature is listed once.',
    source: sources.suite,
    enforcedBy: 'review',
    *check({ report }) {
      for (const { part } of parts(report.model.profiles)) {
        for (const { text, path } of [...repeated(part.supported), ...repeated(part.unsupported)])
          yield report.problem(path, `${quoted(text)} is listed twice.`, rerun);
      }
    },
  },
  {
    id: 'feature-unknown',
    severity: 'warning',
    requires: 'Each feature is an extended one of the profile in the suite of the version.',
    source: sources.profiles,
    enforcedBy: 'review',
    needs: 'catalogue',
    *check(subject) {
      for (const { part, known, profile, version } of knownParts(subject)) {
        for (const { text, path } of [...part.supported, ...part.unsupported]) {
          if (known.extended.includes(text)) continue;
          const what = known.core.includes(text) ? 'is a core feature' : 'is no extended feature';
          yield subject.report.problem(
            path,
            `${quoted(text)} ${what} of ${profile} in the suite of Gateway API ${version}.`,
            'Run the suite of the version that the report is for.',
          );
        }
      }
    },
  },
  {
    id: 'feature-missing',
    severity: 'warning',
    requires: 'Each extended feature of the profile is listed, as supported or as unsupported.',
    source: sources.suite,
    enforcedBy: 'review',
    needs: 'catalogue',
    *check(subject) {
      for (const { part, known, profile, version } of knownParts(subject)) {
        if (part.kind !== 'extended') continue;
        const listed = new Set([...part.supported, ...part.unsupported].map(({ text }) => text));
        const missing = known.extended.filter((feature) => !listed.has(feature));
        if (missing.length === 0) continue;
        const message = `${profile} of Gateway API ${version} has features that are not listed: ${missing.join(', ')}.`;
        yield subject.report.problem(part.path, message, rerun);
      }
    },
  },
];
