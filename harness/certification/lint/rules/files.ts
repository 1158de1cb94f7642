// SPDX-License-Identifier: Apache-2.0
import { minorOf } from '../releases.ts';
import type { ReportFile } from '../report-file.ts';
import type { Rule } from '../rule.ts';
import { sources } from '../sources.ts';
import type { ReportSubject } from '../submission.ts';

/** Where a report lies and what stands beside it. */
export const fileRules: readonly Rule<ReportSubject>[] = [
  {
    id: 'file-name',
    severity: 'error',
    requires: 'A report is named <channel>-<implementation version>-<mode>-report.yaml, after its own fields.',
    source: sources.table,
    enforcedBy: 'review',
    *check({ report }) {
      const { gatewayAPIChannel: channel, version, mode } = report.model;
      if (channel === undefined || version === undefined || mode === undefined) return;
      const due = `${channel}-${version}-${mode}-report.yaml`;
      if (asWords(report.name) === asWords(due)) return;
      const name = due.replaceAll(/[\s/\\]+/g, '-');
      const message = `The file is named ${report.name}; by its own fields it is ${name}.`;
      yield report.problem([], message, 'Rename it, and change the link in the README.');
    },
  },
  {
    id: 'stale-release',
    severity: 'warning',
    requires:
      'A report is for one of the two newest minor releases of Gateway API to count as Conformant, for one of three as Partially Conformant.',
    source: sources.levels,
    enforcedBy: 'review',
    needs: 'catalogue',
    *check({ report, releases }) {
      const minor = minorOf(report.model.gatewayAPIVersion ?? '');
      const age = minor === undefined ? -1 : releases.indexOf(minor);
      if (age < 2) return;
      const counts = age === 2 ? 'counts for Partially Conformant only' : 'counts for no level any more';
      const message = `The report is for ${minor ?? ''}; since ${releases[0] ?? ''} is released it ${counts}.`;
      yield report.problem(['gatewayAPIVersion'], message, `Run the suite of ${releases[0] ?? 'the newest release'}.`);
    },
  },
  {
    id: 'duplicate',
    severity: 'warning',
    requires:
      'No two reports for a release are of the same organization, project, version, mode and profile: of these upstream’s tables show one.',
    source: sources.tables,
    enforcedBy: 'review',
    *check({ report, submission }) {
      const before = submission.reports.slice(0, submission.reports.indexOf(report));
      const twin = before.find((other) => other.text === report.text);
      if (twin !== undefined) {
        yield report.problem([], `The file is the same as ${twin.name}, byte for byte.`, 'Leave out one of the two.');
        return;
      }
      const keys = new Set(tableKeys(report));
      const like = before.find((other) => tableKeys(other).some((key) => keys.has(key)));
      if (like === undefined) return;
      const message = `${like.name} has the same organization, project, version and mode, and a profile of the same name: upstream’s tables show one of the two.`;
      yield report.problem(['mode'], message, 'Run the suite with another --mode for each setup, and describe it in the README.');
    },
  },
];

/** Names that differ in case, in the characters between words and in a v before the version are the same. */
function asWords(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9.+]+/g, '-')
    .replace(/(^|-)v(?=\d)/g, '$1');
}

/** What upstream's generator of tables takes a row of a table by. */
function tableKeys({ model }: ReportFile): readonly string[] {
  return model.profiles.map(({ name }) => JSON.stringify([model.organization, model.project, model.version, model.mode, name]));
}
