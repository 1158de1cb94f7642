// SPDX-License-Identifier: Apache-2.0
import { posix } from 'node:path';
import { valid } from 'semver';
import type { Cell, Readme, Row, Section } from '../readme.ts';
import type { ReportFile } from '../report-file.ts';
import type { Rule } from '../rule.ts';
import { sources } from '../sources.ts';
import type { ReadmeSubject, Submission } from '../submission.ts';
import { quoted, saysVersion } from './identity.ts';

const template = '| API channel | Implementation version | Mode | Report |';

/** What a folder of reports must have. */
export const folderRules: readonly Rule<Submission>[] = [
  {
    id: 'readme',
    severity: 'error',
    requires: 'A folder of reports has a README.md.',
    source: sources.folder,
    enforcedBy: 'script',
    *check({ path, readme }) {
      if (readme !== undefined) return;
      const mend = `Write one, with a table (${template}) and a section "Reproduce".`;
      yield { message: 'The folder has no README.md.', mend, file: path, line: null, field: null };
    },
  },
  {
    id: 'no-report',
    severity: 'error',
    requires: 'A folder of reports has a report.',
    source: sources.folder,
    enforcedBy: 'script',
    *check({ path, reports }) {
      if (reports.length > 0) return;
      const mend = 'Put the report into it that the suite wrote.';
      yield { message: 'The folder has no report: no YAML file is in it.', mend, file: path, line: null, field: null };
    },
  },
];

/** What stands in the README beside the reports. */
export const readmeRules: readonly Rule<ReadmeSubject>[] = [
  {
    id: 'readme-reproduce',
    severity: 'error',
    requires: 'The README has a section "Reproduce" that says how to come to the results.',
    source: sources.reproduce,
    enforcedBy: 'review',
    *check({ readme }) {
      const section = reproduceSection(readme);
      if (section === undefined)
        yield readme.problem(null, 'There is no section "Reproduce".', 'Add one with the steps that lead to each report.');
      else if (section.body === '')
        yield readme.problem(section.line, `The section "${section.title}" is empty.`, 'Write down the steps that lead to each report.');
    },
  },
  {
    id: 'readme-title',
    severity: 'warning',
    requires: 'The section with the steps is titled "Reproduce".',
    source: sources.folder,
    enforcedBy: 'review',
    *check({ readme }) {
      const section = reproduceSection(readme);
      if (section !== undefined && section.title.toLowerCase() !== 'reproduce')
        yield readme.problem(section.line, `The section is titled ${quoted(section.title)}.`, 'Title it "Reproduce".');
    },
  },
  {
    id: 'readme-table',
    severity: 'error',
    requires: 'The README has a table of reports with channel, version, mode and report.',
    source: sources.table,
    enforcedBy: 'review',
    *check({ readme }) {
      if (readme.rows === undefined)
        yield readme.problem(null, 'There is no table with the four columns.', `Add the table ${template} with a row for each report.`);
    },
  },
  {
    id: 'readme-row',
    severity: 'error',
    requires: 'Each report has a row in the table.',
    source: sources.table,
    enforcedBy: 'review',
    *check({ submission, readme }) {
      if (readme.rows === undefined) return;
      for (const report of submission.reports) {
        if (!readme.rows.some((row) => isRowOf(row, report)))
          yield readme.problem(
            null,
            `The table has no row with a link to ${report.name}.`,
            `Add a row that ends in [report](./${report.name}).`,
          );
      }
    },
  },
  {
    id: 'readme-link',
    severity: 'error',
    requires: 'Each row links to a report of the folder.',
    source: sources.script,
    enforcedBy: 'script',
    *check({ submission, readme }) {
      for (const row of readme.rows ?? []) {
        if (submission.reports.some((report) => isRowOf(row, report))) continue;
        const { text, target } = row.report;
        const message =
          target === undefined ? `${quoted(text)} is no link.` : `The link leads to ${quoted(target)}, which is no report of this folder.`;
        yield readme.problem(row.line, message, 'Link to the file of the report, or take the row away.');
      }
    },
  },
  {
    id: 'readme-channel',
    severity: 'error',
    requires: 'The channel in the table is that of the report.',
    source: sources.table,
    enforcedBy: 'review',
    *check({ readme, submission }) {
      for (const { row, report } of pairs(readme, submission.reports)) {
        const { gatewayAPIChannel: channel } = report.model;
        if (channel !== undefined && word(row.channel.text) !== word(channel))
          yield readme.problem(
            row.line,
            `The table has the channel ${quoted(row.channel.text)}, the report ${quoted(channel)}.`,
            `Write ${channel}.`,
          );
      }
    },
  },
  {
    id: 'readme-mode',
    severity: 'error',
    requires: 'The mode in the table is that of the report.',
    source: sources.table,
    enforcedBy: 'review',
    *check({ readme, submission }) {
      for (const { row, report } of pairs(readme, submission.reports)) {
        const { mode } = report.model;
        if (mode !== undefined && !words(row.mode.text).includes(words(mode)))
          yield readme.problem(
            row.line,
            `The table has the mode ${quoted(row.mode.text)}, the report ${quoted(mode)}.`,
            `Write ${mode}, or run the suite with --mode.`,
          );
      }
    },
  },
  {
    id: 'readme-version',
    severity: 'error',
    requires: 'The version in the table is that of the report, is a semantic version, and links to the release.',
    source: sources.table,
    enforcedBy: 'review',
    *check({ readme, submission }) {
      for (const { row, report } of pairs(readme, submission.reports)) {
        const { version } = report.model;
        if (version === undefined) continue;
        for (const [message, mend] of versionProblems(row.version, version)) yield readme.problem(row.line, message, mend);
      }
    },
  },
  {
    id: 'readme-version-link',
    severity: 'warning',
    requires: 'The link of the version does not lead to another version.',
    source: sources.table,
    enforcedBy: 'review',
    *check({ readme, submission }) {
      for (const { row, report } of pairs(readme, submission.reports)) {
        const { text, target = '' } = row.version;
        const named = /\d+\.\d+\.\d+(-[0-9A-Za-z]+(\.[0-9A-Za-z]+)*)?/.exec(target)?.[0];
        // A link to the release that the text names is right also where the report has less of the version: 3.5 for 3.5.0.
        if (named === undefined || saysVersion(text, named) || saysVersion(target, report.model.version ?? '')) continue;
        const message = `The link of ${quoted(text)} leads to ${quoted(target)}.`;
        yield readme.problem(row.line, message, 'Link to the release that was tested.');
      }
    },
  },
  {
    id: 'mode-explained',
    severity: 'error',
    requires: 'The section "Reproduce" says how to set up a mode other than default.',
    source: sources.table,
    enforcedBy: 'review',
    *check({ readme, submission }) {
      const section = reproduceSection(readme);
      if (section === undefined) return;
      for (const { model, name } of submission.reports) {
        const { mode } = model;
        if (mode === undefined || word(mode) === '' || word(mode) === 'default' || word(section.body).includes(word(mode))) continue;
        const message = `The section "${section.title}" does not name the mode ${quoted(mode)} of ${name}.`;
        yield readme.problem(section.line, message, 'Say how to configure that mode.');
      }
    },
  },
];

function reproduceSection({ sections }: Readme): Section | undefined {
  const isNamed = (name: RegExp) => (section: Section) => name.test(section.title);
  return sections.find(isNamed(/^reproduce$/i)) ?? sections.find(isNamed(/reproduc/i));
}

function pairs(readme: Readme, reports: readonly ReportFile[]): readonly { readonly row: Row; readonly report: ReportFile }[] {
  return (readme.rows ?? []).flatMap((row) => {
    const report = reports.find((candidate) => isRowOf(row, candidate));
    return report === undefined ? [] : [{ row, report }];
  });
}

/** By its link, relative or whole, whose last part is the name of the file. */
function isRowOf({ report: { target } }: Row, { name }: ReportFile): boolean {
  return target !== undefined && decoded(posix.basename(target.replace(/[?#].*$/, ''))) === name;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Messages, each with what mends it. */
function versionProblems({ text, target }: Cell, version: string): readonly (readonly [message: string, mend: string])[] {
  const link = `Write [${version}](…) with the address of the release.`;
  const problems: (readonly [string, string])[] = [];
  if (!saysVersion(text, version)) problems.push([`The table has the version ${quoted(text)}, the report ${quoted(version)}.`, link]);
  else if (valid(version) === null)
    problems.push([
      `The version ${quoted(version)} is no semantic version.`,
      'Run the suite with --version and the release that was tested.',
    ]);
  if (target === undefined) problems.push([`The version ${quoted(text)} is no link.`, link]);
  return problems;
}

/** In lower case, with a space around each word: `Controller(default)` has the word `default`. */
function words(text: string): string {
  return ` ${text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim()} `;
}

/** Without case and what stands between words. */
function word(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, '');
}
