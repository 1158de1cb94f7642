// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs';
import { access, open, realpath, stat } from 'node:fs/promises';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { execa } from 'execa';
import { GauntletError } from '../errors.ts';
import { hostArchitecture, type Architecture } from '../platform.ts';
import { readElf } from './elf.ts';
import { readTree, treeDigest } from './file-tree.ts';
import { digestOutputs, resolvedTool } from './resolved-tool.ts';
import type { OsSource, ResolvedTool, ToolDefinition } from './tool.ts';
import { isAcceptable, probeVersion } from './version-probe.ts';

const unknownVersion = 'unknown';

/**
 * A tool from the path that the user gave for it.
 *
 * @throws GauntletError `GAUNTLET_CONFIG_INVALID` if there is nothing there or not all of it, `GAUNTLET_WRONG_ARCHITECTURE`,
 * `GAUNTLET_BINARY_BROKEN`, `GAUNTLET_TOOL_VERSION`.
 */
export async function locateGiven(definition: ToolDefinition, architecture: Architecture, given: string): Promise<ResolvedTool> {
  const path = resolve(given);
  const outputs = await givenOutputs(definition, path);
  const [first] = Object.values(outputs) as [string];
  const isFolder = (await stat(first)).isDirectory();
  const version = isFolder ? unknownVersion : await checkGivenBinary(definition, architecture, first);
  return resolvedTool(definition, {
    version,
    architecture,
    origin: 'given',
    provenance: `given as ${given}`,
    directory: (await stat(path)).isDirectory() ? path : dirname(path),
    digest: isFolder ? treeDigest(await readTree(path)) : await digestOutputs(outputs),
    outputs,
  });
}

async function givenOutputs(definition: ToolDefinition, path: string): Promise<Record<string, string>> {
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined) throw invalidPath(definition, `there is nothing at ${path}`);
  if (!stats.isDirectory()) {
    const [only, ...others] = definition.outputs;
    if (others.length > 0) throw invalidPath(definition, `${path} is one file, but it consists of ${definition.outputs.join(', ')}`);
    return { [only]: path };
  }
  const outputs = Object.fromEntries(definition.outputs.map((output) => [output, join(path, output)]));
  for (const output of Object.values(outputs)) {
    if (!(await isThere(output, constants.R_OK))) throw invalidPath(definition, `there is no ${output}`);
  }
  return outputs;
}

function invalidPath(definition: ToolDefinition, reason: string): GauntletError {
  return new GauntletError('GAUNTLET_CONFIG_INVALID', `The path given for ${definition.name} cannot be used: ${reason}`, {
    hint: `Give ${definition.outputs.length > 1 ? `a folder with ${definition.outputs.join(', ')}` : 'the binary'}, or leave the option out.`,
  });
}

async function checkGivenBinary(definition: ToolDefinition, architecture: Architecture, path: string): Promise<string> {
  await checkMachine(definition, architecture, path);
  if (!(await isThere(path, constants.X_OK))) throw broken(definition, path, 'it is not executable');
  // Another architecture's binary cannot be asked here.
  if (definition.versionProbe === undefined || architecture !== hostArchitecture()) return unknownVersion;
  const answer = await probeVersion(path, definition.versionProbe);
  if ('failure' in answer) throw broken(definition, path, answer.failure);
  if (definition.anyVersion === true || isAcceptable(answer.version, definition)) return answer.version;
  throw new GauntletError(
    'GAUNTLET_TOOL_VERSION',
    `The ${definition.title} given as ${path} is ${answer.version}; this Gauntlet works with ${definition.version}`,
    {
      hint: `Give one of version ${definition.version}, or leave the option out: Gauntlet brings its own.`,
    },
  );
}

async function checkMachine(definition: ToolDefinition, architecture: Architecture, path: string): Promise<void> {
  const elf = await readElf(path);
  if (elf === undefined) {
    // A script says what runs it; anything else cannot be executed.
    if (await isScript(path)) return;
    throw broken(definition, path, 'it is neither an ELF executable nor a script');
  }
  if (elf.machine === architecture) {
    if (elf.isWhole) return;
    throw broken(definition, path, 'it is cut off: part of what it says to load is not in the file');
  }
  const found = typeof elf.machine === 'string' ? elf.machine : `of ELF machine ${elf.machine}`;
  throw new GauntletError(
    'GAUNTLET_WRONG_ARCHITECTURE',
    `The ${definition.title} given as ${path} is ${found}; ${architecture} is needed`,
    {
      hint: `Give a binary built for linux/${architecture}.`,
    },
  );
}

async function isScript(path: string): Promise<boolean> {
  await using file = await open(path, 'r');
  const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
  return buffer.toString('latin1') === '#!';
}

function broken(definition: ToolDefinition, path: string, reason: string): GauntletError {
  return new GauntletError('GAUNTLET_BINARY_BROKEN', `The ${definition.title} given as ${path} does not run: ${reason}`, {
    hint: 'Run it by hand to see what it says; a dynamically linked binary may lack a library here.',
  });
}

/** A tool that lies in PATH in an acceptable version; undefined if none does. */
export async function locateInPath(definition: ToolDefinition, searchPath: string): Promise<ResolvedTool | undefined> {
  const { versionProbe } = definition;
  const [output, ...others] = definition.outputs;
  if (versionProbe === undefined || others.length > 0) return undefined;
  for (const folder of searchPath.split(delimiter).filter((entry) => entry.startsWith('/'))) {
    const path = join(folder, basename(output));
    if (!(await isThere(path, constants.X_OK))) continue;
    const answer = await probeVersion(path, versionProbe);
    // Only the first one counts: it is the one that runs when the user types the name.
    if ('failure' in answer || !isAcceptable(answer.version, definition)) return undefined;
    const outputs = { [output]: await realpath(path) };
    return resolvedTool(definition, {
      version: answer.version,
      architecture: hostArchitecture(),
      origin: 'path',
      provenance: `found in PATH as ${path}`,
      directory: folder,
      digest: await digestOutputs(outputs),
      outputs,
    });
  }
  return undefined;
}

/** A tool that the operating system's package has installed; undefined if any part of it is missing. */
export async function locateInstalled(definition: ToolDefinition, source: OsSource): Promise<ResolvedTool | undefined> {
  const outputs: Record<string, string> = {};
  for (const [output, candidates] of Object.entries(source.candidates)) {
    const found = await firstExecutable(candidates);
    if (found === undefined) return undefined;
    outputs[output] = found;
  }
  const version = await packageVersion(source.package);
  return resolvedTool(definition, {
    version: version ?? unknownVersion,
    architecture: hostArchitecture(),
    origin: 'os',
    provenance: version === undefined ? 'installed outside the package manager' : `package ${source.package} ${version}`,
    directory: dirname(Object.values(outputs)[0] ?? '/'),
    digest: await digestOutputs(outputs),
    outputs,
  });
}

async function firstExecutable(candidates: readonly string[]): Promise<string | undefined> {
  for (const candidate of candidates) if (await isThere(candidate, constants.X_OK)) return candidate;
  return undefined;
}

async function packageVersion(name: string): Promise<string | undefined> {
  const { stdout, failed } = await execa('dpkg-query', ['--show', '--showformat=${Version}', name], { reject: false });
  return failed || stdout === '' ? undefined : stdout;
}

async function isThere(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
