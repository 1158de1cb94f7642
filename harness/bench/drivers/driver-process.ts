// SPDX-License-Identifier: Apache-2.0
import { isIPv6 } from 'node:net';
import { execa } from 'execa';
import { GauntletError } from '../../errors.ts';
import { endingWithParent } from '../../process/command.ts';
import type { ProbeEndpoint } from '../../probe/exchange.ts';

/** A driver as it is run. */
export interface DriverCommand {
  /** As messages name it: `wrk`. */
  readonly name: string;
  /** Path of the program. */
  readonly program: string;
  readonly args: readonly string[];
  /** It runs on these processors alone: `0`, `0-1`; on all by default. */
  readonly processors?: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a driver, which ends with this process at the latest.
 *
 * @returns what it wrote to its output, and below that what it used, as {@link driverSeconds} reads it.
 * @throws GauntletError `GAUNTLET_LOAD` if it ends in error.
 */
export async function runDriver({ name, program, args, processors, signal }: DriverCommand): Promise<string> {
  const command = endingWithParent({
    file: processors === undefined ? 'env' : 'taskset',
    // The shell tells what its child used.
    args: [...(processors === undefined ? [] : ['--cpu-list', processors]), 'sh', '-c', '"$@" && times', 'sh', program, ...args],
  });
  const ended = await execa(command.file, command.args, {
    reject: false,
    all: true,
    stdin: 'ignore',
    ...(signal && { cancelSignal: signal }),
  });
  signal?.throwIfAborted();
  if (ended.failed) throw unusableOutput(name, ended.all);
  return ended.stdout;
}

/** Processor time of a driver, as `times` of the shell writes it below its output: its own, and that of its children. Undefined if that is not there. */
export function driverSeconds(output: string): number | undefined {
  const [own, children] = output.trim().split('\n').slice(-2).map(secondsOf);
  return own === undefined ? undefined : children;
}

/** User and system time: `0m1.250000s 0m0.500000s`. */
function secondsOf(line: string): number | undefined {
  const [user, system] = [...line.matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, seconds]) => 60 * Number(minutes) + Number(seconds));
  return user === undefined || system === undefined ? undefined : user + system;
}

/** The report of a driver that writes one line of JSON among others; undefined if there is none, or it is cut off. */
export function jsonReport(output: string): unknown {
  const line = output.split('\n').find((one) => one.startsWith('{'));
  try {
    return line === undefined ? undefined : JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** An address as URLs have it: `[2001:db8::1]:80`. */
export const authorityOf = ({ address, port }: ProbeEndpoint): string => `${isIPv6(address) ? `[${address}]` : address}:${port}`;

/** What a driver said is no result. */
export function unusableOutput(name: string, output: string): GauntletError {
  const told = output.trim().split('\n').slice(-5).join('; ').slice(0, 600);
  return new GauntletError('GAUNTLET_LOAD', `${name} said nothing that can be used: ${told}`, {
    hint: 'Run the command by hand; `gauntlet tools` says which version is meant.',
  });
}
