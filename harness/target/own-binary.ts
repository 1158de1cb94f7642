// SPDX-License-Identifier: Apache-2.0
import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { execa } from 'execa';
import { GauntletError, messageOf } from '../errors.ts';
import type { ImageDefinition, ToolResolver } from '../images/image.ts';
import { digestFile } from '../images/source-digest.ts';
import { hostArchitecture } from '../platform.ts';
import type { Architecture } from '../platform.ts';
import { endingWithParent } from '../process/command.ts';
import { readElf } from '../toolchain/elf.ts';
import type { ResolvedTool } from '../toolchain/tool.ts';
import { seconds } from '../units.ts';
import type { TargetBinary } from './target.ts';

/** A healthy binary says its version in milliseconds; a first start from a cold disk takes longer. */
const answerWithin = seconds(20);

/**
 * Tries a binary that the user gave in place of a released one: it is there, is an executable for the architecture, and where this machine can
 * run it, it says its version.
 *
 * @throws GauntletError `GAUNTLET_CONFIG_INVALID` if it is not there, `GAUNTLET_WRONG_ARCHITECTURE`, `GAUNTLET_BINARY_BROKEN` with its output.
 */
export async function tryBinary(path: string, binary: TargetBinary, architecture: Architecture): Promise<ResolvedTool> {
  const file = resolve(path);
  await checkFile(file);
  await checkElf(file, architecture);
  const version = architecture === hostArchitecture() ? await askVersion(file, binary) : 'unknown';
  return {
    name: binary.tool,
    version,
    architecture,
    origin: 'given',
    provenance: `given as ${file}`,
    directory: dirname(file),
    digest: `sha256:${await digestFile(file)}`,
    file: () => file,
  };
}

/** The image with a given binary where the release's would be. */
export function withBinary(image: ImageDefinition, given: ResolvedTool): ImageDefinition {
  const instead = (toolchain: ToolResolver): ToolResolver => ({
    resolve: (name, options) => (name === given.name ? Promise.resolve(given) : toolchain.resolve(name, options)),
  });
  return {
    ...image,
    tools: image.tools.filter((tool) => tool !== given.name),
    layers: (context) => image.layers({ ...context, toolchain: instead(context.toolchain) }),
  };
}

async function checkFile(file: string): Promise<void> {
  const facts = await stat(file).catch((error: unknown) => {
    throw new GauntletError('GAUNTLET_CONFIG_INVALID', `The binary ${file} cannot be read: ${messageOf(error)}`, {
      hint: 'Check the path that was given.',
      cause: error,
    });
  });
  if (!facts.isFile()) throw broken(file, 'it is not a file');
  await access(file, constants.X_OK).catch((error: unknown) => {
    throw broken(file, 'it is not executable', error);
  });
}

async function checkElf(file: string, architecture: Architecture): Promise<void> {
  const elf = await readElf(file);
  if (elf === undefined) throw broken(file, 'it is not a 64-bit Linux executable (ELF)');
  if (elf.machine !== architecture) {
    throw new GauntletError('GAUNTLET_WRONG_ARCHITECTURE', `The binary ${file} is for ${elf.machine}, the cluster for ${architecture}`, {
      hint: `Build it for linux/${architecture}.`,
    });
  }
  if (!elf.isWhole) throw broken(file, 'it is cut off: part of what it says to load is not in the file');
}

async function askVersion(file: string, { versionProbe: { args, pattern } }: TargetBinary): Promise<string> {
  const command = endingWithParent({ file, args });
  const result = await execa(command.file, command.args, { all: true, reject: false, stdin: 'ignore', timeout: answerWithin.ms });
  const output = result.all.trim().split('\n').slice(-20).join('\n');
  const attempt = [file, ...args].join(' ');
  if (result.failed) throw broken(file, `${attempt} ${describeEnd(result)}${output && `:\n${output}`}`);
  const version = new RegExp(pattern).exec(result.all)?.[1];
  if (version === undefined) throw broken(file, `${attempt} did not say a version${output && `:\n${output}`}`);
  return version;
}

function describeEnd(result: { readonly timedOut: boolean; readonly signal?: string; readonly exitCode?: number }): string {
  if (result.timedOut) return `did not end within ${answerWithin.ms / 1000} s`;
  return result.signal === undefined ? `ended with status ${result.exitCode ?? 'unknown'}` : `was ended by ${result.signal}`;
}

function broken(file: string, reason: string, cause?: unknown): GauntletError {
  return new GauntletError('GAUNTLET_BINARY_BROKEN', `The binary ${file} cannot be put under test: ${reason}`, {
    hint: 'Run it by hand with --version, mend it, and try again.',
    cause,
  });
}
