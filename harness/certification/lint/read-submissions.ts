// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync, statSync, type Stats } from 'node:fs';
import { basename, dirname, join, normalize, resolve } from 'node:path';
import { GauntletError, messageOf } from '../../errors.ts';
import { readReadme } from './readme.ts';
import { minorOf } from './releases.ts';
import { readReport, type ReportFile } from './report-file.ts';
import type { Submission } from './submission.ts';

const isReportName = (name: string): boolean => name.endsWith('.yaml') || name.endsWith('.yml');

/**
 * Reads what people name: the folder of a submission, a folder of such folders (of one release or of all), or single reports. Every YAML file of a folder
 * is taken for a report, as upstream does. Links to folders are not followed: upstream has some from patch to minor releases. What is named twice is read once.
 *
 * @throws GauntletError `GAUNTLET_USAGE` for what does not exist, cannot be read, or holds no report.
 */
export function readSubmissions(paths: readonly string[]): readonly Submission[] {
  const files = new Map<string, string[]>();
  const found: Submission[] = [];
  for (const path of paths) {
    const stats = statOf(path);
    if (stats.isDirectory()) found.push(...foldersBelow(path, path));
    else if (isReportName(path)) files.set(dirname(path), [...(files.get(dirname(path)) ?? []), path]);
    else throw unusable(`${path} is no YAML file`);
  }
  for (const [folder, own] of files) {
    const reports = unique(own, (path) => path).map((path) => reportAt(path));
    found.push({ path: folder, release: releaseOf(folder), reports, readme: 'not-asked' });
  }
  return unique(found, ({ path, readme }) => `${readme === 'not-asked' ? 'files' : 'folder'} ${path}`);
}

/** One of each, by the path that a text ends in. */
function unique<Item>(items: readonly Item[], key: (item: Item) => string): readonly Item[] {
  return [...new Map(items.map((item) => [normalize(key(item)), item])).values()];
}

function foldersBelow(path: string, given: string): readonly Submission[] {
  const entries = readable(path, () => readdirSync(path, { withFileTypes: true })).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  const below = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .flatMap(({ name }) => foldersBelow(join(path, name), given));
  const reports = names.filter(isReportName).filter((name) => statOf(join(path, name)).isFile());
  const readme = names.includes('README.md') ? join(path, 'README.md') : undefined;
  // A README in the folder of a release, and nothing else: the report was forgotten.
  const isSubmission = reports.length > 0 || (readme !== undefined && below.length === 0 && releaseOf(path) !== undefined);
  if (!isSubmission && below.length === 0 && path === given) throw unusable(`${path} has no report: no YAML file is in it or below`);
  if (!isSubmission) return below;
  const own: Submission = {
    path,
    release: releaseOf(path),
    reports: reports.map((name) => reportAt(join(path, name))),
    readme: readme === undefined ? undefined : readReadme(readme, textOf(readme)),
  };
  return [own, ...below];
}

function reportAt(path: string): ReportFile {
  return readReport(path, basename(path), textOf(path));
}

function releaseOf(folder: string): string | undefined {
  const name = basename(dirname(resolve(folder)));
  return minorOf(name) === undefined ? undefined : name;
}

const statOf = (path: string): Stats => readable(path, () => statSync(path));

const textOf = (path: string): string => readable(path, () => readFileSync(path, 'utf8'));

function readable<Value>(path: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw new GauntletError('GAUNTLET_USAGE', `${path} cannot be read: ${messageOf(error)}`, {
      hint: 'Name the folder of a submission, or its reports.',
      cause: error,
    });
  }
}

function unusable(message: string): GauntletError {
  return new GauntletError('GAUNTLET_USAGE', message, {
    hint: 'Name reports, or the folder that holds README.md and <channel>-<version>-<mode>-report.yaml.',
  });
}
