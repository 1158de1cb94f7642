// SPDX-License-Identifier: Apache-2.0
import { execa } from 'execa';
import { seconds } from '../units.ts';
import type { ToolDefinition, VersionProbe } from './tool.ts';

const answerWithin = seconds(20);

/** What came of asking a binary for its version: the version, or why there is none. */
export type ProbeResult = { readonly version: string } | { readonly failure: string };

/** Runs a binary with the arguments of the probe and reads its version from what it prints. Never throws for what the binary does. */
export async function probeVersion(path: string, { args, pattern }: VersionProbe): Promise<ProbeResult> {
  const result = await execa(path, args, { all: true, reject: false, stdin: 'ignore', timeout: answerWithin.ms });
  const version = new RegExp(pattern).exec(result.all)?.[1];
  if (version !== undefined) return { version };
  return { failure: result.shortMessage ?? `it answered ${args.join(' ')} with ${JSON.stringify(result.all.slice(0, 200))}` };
}

/** Whether a version found in PATH will do in place of the pinned one. */
export function isAcceptable(version: string, definition: ToolDefinition): boolean {
  if (definition.versionProbe?.accept !== 'minor') return version === definition.version;
  const minorOf = (text: string): string => text.split('.').slice(0, 2).join('.');
  return minorOf(version) === minorOf(definition.version);
}
