// SPDX-License-Identifier: Apache-2.0
import { readlinkSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { basename } from 'node:path';

/** Gives the calling thread the highest priority: on a busy machine its rate must hold. Allowed on Linux for root; elsewhere its lateness says how it went. */
export function preferThisThread(): void {
  try {
    const thread = Number(basename(readlinkSync('/proc/thread-self')));
    setPriority(thread, constants.priority.PRIORITY_HIGHEST);
  } catch {
    // Not Linux, or not allowed.
  }
}
