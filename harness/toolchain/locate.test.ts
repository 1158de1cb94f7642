// SPDX-License-Identifier: Apache-2.0
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hostArchitecture } from '../platform.ts';
import { locateGiven, locateInPath, locateInstalled } from './locate.ts';
import { elfImage } from './testing/elf-image.ts';
import { exampleTool } from './testing/example-tool.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

const probed = exampleTool({ versionProbe: { args: ['--version'], pattern: 'example v(\\S+)' } });
const host = hostArchitecture();
const foreign = host === 'amd64' ? 'arm64' : 'amd64';

function program(name: string, content: string | Buffer, mode = 0o755): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

const ofVersion = (version: string): string => `#!/bin/sh\necho "example v${version} (test)"\n`;

test('a given binary of the pinned version is used as it lies', async () => {
  const path = program('my-build', ofVersion('1.2.3'));
  const tool = await locateGiven(probed, host, path);
  expect(tool).toMatchObject({ version: '1.2.3', origin: 'given', digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as unknown });
  expect(tool.file()).toBe(path);
  expect(tool.file('example')).toBe(path);
  expect(() => tool.file('other')).toThrow('example has no file other');
});

test('a given binary of what is under test may have any version, and reports it', async () => {
  const path = program('my-build', ofVersion('9.9.9-dev'));
  expect(await locateGiven({ ...probed, anyVersion: true }, host, path)).toMatchObject({ version: '9.9.9-dev' });
  expect(await locateGiven(exampleTool(), host, path)).toMatchObject({ version: 'unknown' });
});

test.each([
  ['nothing there', () => '/no/such/file', 'GAUNTLET_CONFIG_INVALID', 'there is nothing at /no/such/file'],
  ['a folder without it', temporaryFolder, 'GAUNTLET_CONFIG_INVALID', 'there is no'],
  ['another version', () => program('x', ofVersion('1.2.4')), 'GAUNTLET_TOOL_VERSION', 'is 1.2.4; this Gauntlet works with 1.2.3'],
  ['a text', () => program('x', 'just words'), 'GAUNTLET_BINARY_BROKEN', 'neither an ELF executable nor a script'],
  ['an empty file', () => program('x', ''), 'GAUNTLET_BINARY_BROKEN', 'neither an ELF executable nor a script'],
  ['a file that is not executable', () => program('x', ofVersion('1.2.3'), 0o644), 'GAUNTLET_BINARY_BROKEN', 'not executable'],
  ['a program that exits at once', () => program('x', '#!/bin/sh\nexit 1\n'), 'GAUNTLET_BINARY_BROKEN', 'exit code 1'],
  [
    'a program that says something else',
    () => program('x', '#!/bin/sh\necho hello\n'),
    'GAUNTLET_BINARY_BROKEN',
    'it answered --version with "hello"',
  ],
  [
    'an ELF file that was cut off',
    () => program('x', elfImage({ machine: host === 'amd64' ? 0x3e : 0xb7 }).subarray(0, -1)),
    'GAUNTLET_BINARY_BROKEN',
    'is cut off',
  ],
  [
    'another architecture',
    () => program('x', elfImage({ machine: host === 'amd64' ? 0xb7 : 0x3e })),
    'GAUNTLET_WRONG_ARCHITECTURE',
    `is ${foreign}; ${host} is needed`,
  ],
  [
    'an architecture that Gauntlet does not know',
    () => program('x', elfImage({ machine: 0xf3 })),
    'GAUNTLET_WRONG_ARCHITECTURE',
    'of ELF machine 243',
  ],
])('given %s', async (_, make, code, message) => {
  await expect(locateGiven(probed, host, make())).rejects.toMatchObject({ code, message: expect.stringContaining(message) as unknown });
});

test('a given binary of the other architecture is checked but not run', async () => {
  const path = program('x', elfImage({ machine: foreign === 'arm64' ? 0xb7 : 0x3e }));
  expect(await locateGiven(probed, foreign, path)).toMatchObject({ architecture: foreign, version: 'unknown' });
});

test('a tool of several parts is given as a folder', async () => {
  const charts = exampleTool({ outputs: ['chart', 'crds'] });
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'chart'));
  writeFileSync(join(folder, 'chart', 'Chart.yaml'), 'name: chart');
  await expect(locateGiven(charts, host, join(folder, 'chart', 'Chart.yaml'))).rejects.toThrow('it consists of chart, crds');
  await expect(locateGiven(charts, host, folder)).rejects.toThrow(`there is no ${join(folder, 'crds')}`);
  mkdirSync(join(folder, 'crds'));
  const tool = await locateGiven(charts, host, folder);
  expect(tool.file('crds')).toBe(join(folder, 'crds'));
  const { digest } = tool;
  writeFileSync(join(folder, 'crds', 'crd.yaml'), 'kind: X');
  expect((await locateGiven(charts, host, folder)).digest).not.toBe(digest);
});

test('PATH gives a tool of the pinned version only, and only by the first program of that name', async () => {
  const [old, current] = ['1.2.2', '1.2.3'].map((version) => {
    const folder = temporaryFolder();
    symlinkSync(program('example', ofVersion(version)), join(folder, 'example'));
    return folder;
  }) as [string, string];
  expect(await locateInPath(probed, `/nowhere:${current}`)).toMatchObject({
    origin: 'path',
    version: '1.2.3',
    provenance: `found in PATH as ${current}/example`,
  });
  expect(await locateInPath(probed, `${old}:${current}`)).toBeUndefined();
  expect(await locateInPath(exampleTool(), current)).toBeUndefined();
  expect(await locateInPath(probed, '')).toBeUndefined();
});

test('where the same minor release will do, PATH gives it', async () => {
  const folder = temporaryFolder();
  symlinkSync(program('example', ofVersion('1.2.9')), join(folder, 'example'));
  const lenient = exampleTool({ versionProbe: { args: [], pattern: 'example v(\\S+)', accept: 'minor' } });
  expect(await locateInPath(lenient, folder)).toMatchObject({ version: '1.2.9' });
  expect(await locateInPath({ ...lenient, version: '1.3.0' }, folder)).toBeUndefined();
});

test('an installed tool is whole or not there', async () => {
  const [first, second] = [program('first', ofVersion('1')), program('second', ofVersion('1'))];
  const whole = { kind: 'os', package: 'no-such-package', candidates: { first: ['/no/such', first], second: [second] } } as const;
  const tool = await locateInstalled(exampleTool({ outputs: ['first', 'second'] }), whole);
  expect(tool).toMatchObject({ origin: 'os', version: 'unknown', architecture: host });
  expect(tool?.file('second')).toBe(second);
  expect(await locateInstalled(exampleTool(), { ...whole, candidates: { ...whole.candidates, third: ['/no/such'] } })).toBeUndefined();
});
