// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { readSubmissions } from './read-submissions.ts';

/** A folder with these files. */
function folderWith(...files: readonly string[]): string {
  const folder = temporaryFolder();
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), 'a: 1\n');
  }
  return folder;
}

/** What was read, without the contents, with paths below the folder. */
function summaryOf(folder: string, ...paths: readonly string[]): readonly unknown[] {
  return readSubmissions(paths.map((path) => join(folder, path))).map(({ path, release, reports, readme }) => ({
    path: path.slice(folder.length + 1),
    release,
    reports: reports.map(({ name }) => name),
    readme: typeof readme === 'object' ? 'read' : readme,
  }));
}

test('a folder of a submission, of a release and of all releases are read alike', () => {
  const folder = folderWith('README.md', 'v1.5/a/README.md', 'v1.5/a/x-report.yaml', 'v1.5/a/run.sh', 'v1.5/b/y.yml', 'v1.4.1/a/x.yaml');
  const a = { path: 'v1.5/a', release: 'v1.5', reports: ['x-report.yaml'], readme: 'read' };
  const b = { path: 'v1.5/b', release: 'v1.5', reports: ['y.yml'], readme: undefined };
  expect(summaryOf(folder, 'v1.5/a')).toEqual([a]);
  expect(summaryOf(folder, 'v1.5')).toEqual([a, b]);
  expect(summaryOf(folder, '')).toEqual([{ path: 'v1.4.1/a', release: 'v1.4.1', reports: ['x.yaml'], readme: undefined }, a, b]);
});

test('single reports are read without the README beside them', () => {
  const folder = folderWith('v1.5/a/README.md', 'v1.5/a/x.yaml', 'v1.5/a/y.yaml', 'z.yaml');
  expect(summaryOf(folder, 'v1.5/a/y.yaml', 'z.yaml', 'v1.5/a/x.yaml')).toMatchObject([
    { path: 'v1.5/a', release: 'v1.5', reports: ['y.yaml', 'x.yaml'], readme: 'not-asked' },
    { release: undefined, reports: ['z.yaml'] },
  ]);
});

test('what is named twice is read once, and links to folders are not followed', () => {
  const folder = folderWith('v1.5/a/x.yaml');
  symlinkSync('v1.5', join(folder, 'v1.5.1'));
  expect(summaryOf(folder, 'v1.5', 'v1.5/a', 'v1.5/')).toHaveLength(1);
  expect(summaryOf(folder, '')).toHaveLength(1);
  expect(summaryOf(folder, 'v1.5/a/x.yaml', 'v1.5/a/../a/x.yaml')).toMatchObject([{ reports: ['x.yaml'] }]);
});

test('a folder of a release with a README alone is a submission whose report was forgotten', () => {
  expect(summaryOf(folderWith('v1.5/a/README.md'), 'v1.5')).toEqual([{ path: 'v1.5/a', release: 'v1.5', reports: [], readme: 'read' }]);
});

test.each([
  ['nowhere', 'cannot be read'],
  ['docs', 'has no report'],
  ['docs/README.md', 'is no YAML file'],
])('%s is refused', (path, says) => {
  const folder = folderWith('docs/README.md');
  expect(() => readSubmissions([join(folder, path)])).toThrow(expect.objectContaining({ code: 'GAUNTLET_USAGE' }) as Error);
  expect(() => readSubmissions([join(folder, path)])).toThrow(says);
});
