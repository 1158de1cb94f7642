// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { modulesDirectory } from '../definition-key.ts';
import type { ToolDefinition } from '../tool.ts';
import { toolDefinitions } from './index.ts';

const definitions: readonly ToolDefinition[] = toolDefinitions;
const osPackages = readFileSync(join(import.meta.dirname, '..', 'os-packages.txt'), 'utf8')
  .split('\n')
  .map((line) => line.replace(/#.*/, '').trim())
  .filter((line) => line !== '');

test('names are unique', () => {
  expect(new Set(definitions.map(({ name }) => name)).size).toBe(definitions.length);
});

test('every package that a tool is installed by is in the list that the launcher reads', () => {
  const needed = definitions.flatMap(({ sources }) => sources.flatMap((source) => (source.kind === 'os' ? [source.package] : [])));
  expect(osPackages).toEqual(expect.arrayContaining(needed));
  expect(osPackages).toEqual([...new Set(osPackages)].sort());
});

const fromModules = definitions.flatMap((definition) =>
  definition.sources.flatMap((source) =>
    source.kind === 'go' || source.kind === 'module-files' ? [{ name: definition.name, definition, source }] : [],
  ),
);

test.each(fromModules)('the module of $name requires the version of the definition', ({ definition, source }) => {
  const required = readFileSync(join(modulesDirectory, source.module, 'go.mod'), 'utf8');
  const main = source.kind === 'go' ? source.package : source.from;
  const requirements = [...required.matchAll(/^(?:require|\t)\s*(\S+\.\S+) (v\S+)/gm)].map(([, path, version]) => ({
    path: path ?? '',
    version,
  }));
  const owner =
    main === '.'
      ? requirements[0]
      : requirements.filter(({ path }) => `${main}/`.startsWith(`${path}/`)).sort((a, b) => b.path.length - a.path.length)[0];
  expect(owner?.version).toBe(`v${definition.version}`);
});

test.each(fromModules)('the module of $name pins the digest of everything it needs', ({ source }) => {
  const [mod, sum] = ['go.mod', 'go.sum'].map((file) => readFileSync(join(modulesDirectory, source.module, file), 'utf8')) as [
    string,
    string,
  ];
  const requirements = [...mod.matchAll(/^(?:require|\t)\s*(\S+\.\S+) (v\S+)(?: \/\/ indirect)?$/gm)].filter(
    ([line]) => !line.includes('=>'),
  );
  expect(requirements.length).toBeGreaterThan(0);
  const replaced = new Map([...mod.matchAll(/^\t(\S+) => (\S+ \S+)$/gm)].map(([, from, to]) => [from, to]));
  for (const [, path, version] of requirements)
    expect(sum).toContain(`${replaced.get(path ?? '') ?? `${path ?? ''} ${version ?? ''}`}/go.mod h1:`);
});

test.each(definitions.map((definition) => ({ name: definition.name, definition })))(
  '$name: stamps and addresses name the version',
  ({ definition }) => {
    for (const source of definition.sources) {
      if (source.kind === 'release') expect(source.url).toContain(definition.version);
      if (source.kind === 'release') expect(new Set(Object.values(source.sha256)).size).toBe(2);
      const stamped = source.kind === 'go' ? Object.values(source.stamps ?? {}) : [];
      if (stamped.length > 0) expect(stamped.some((value) => value.replace(/^v/, '') === definition.version)).toBe(true);
    }
  },
);
