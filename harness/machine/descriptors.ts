// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { GauntletError } from '../errors.ts';

/** What a process has open besides its connections: libraries, logs, epoll. */
const others = 64;

/**
 * A program that this process starts must be able to open so many connections: what it cannot open for want of descriptors would look like connections that the
 * gateway refuses.
 *
 * @param limits - text of `/proc/self/limits`, which programs inherit; nothing is said where there is none
 * @throws GauntletError `GAUNTLET_MACHINE` if they are too few.
 */
export function assertDescriptors(connections: number, limits: string = ownLimits()): void {
  const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
  if (soft === undefined || connections + others <= Number(soft)) return;
  throw new GauntletError(
    'GAUNTLET_MACHINE',
    `${connections} connections take more than the ${soft} descriptors that a process may have here`,
    {
      hint: `Raise the limit: ulimit -n ${connections + others}.`,
    },
  );
}

function ownLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
}
