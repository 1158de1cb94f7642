// SPDX-License-Identifier: Apache-2.0
import { GauntletError } from '../../harness/errors.ts';
import type { CellResult } from '../../harness/lifecycle/cell-result.ts';
import { milliseconds } from '../../harness/units.ts';

/** What a cell claims is reckoned from what was sent; beyond this too little was. */
const mostMissed = 0.25;
const fewestForbidden = 200;
const longestGap = milliseconds(500);
/** A gateway that only passes requests on takes a few milliseconds. */
const slowest = milliseconds(250);

/**
 * A generator that was held up has not looked, and where everything is slow, failures say nothing of the gateway: such a cell says nothing.
 *
 * @throws GauntletError `GAUNTLET_MACHINE`
 */
export function assertHealthy({ generator, watch, outage }: CellResult): void {
  const { sent, missed, unsent = 0, forbidden, longestGapMs, control95Ms = 0 } = generator;
  if (unsent > 0) {
    throw new GauntletError('GAUNTLET_MACHINE', `This machine had no descriptor, port or memory for ${unsent} of ${sent} requests`, {
      hint: 'Raise its limits (ulimit -n), or use a smaller -j.',
    });
  }
  // A moment in which everything waits is long enough for a server to be late for its policy's timeout, and short enough not to show among all requests.
  const slow = Math.max(control95Ms, outage?.slowestControlMs ?? 0);
  if (outage !== undefined && slow > slowest.ms) {
    throw new GauntletError('GAUNTLET_MACHINE', `Requests that no policy is about took ${slow} ms, so that those that failed say nothing`, {
      hint: 'The machine is too busy for so many cells at once: use a smaller -j.',
    });
  }
  if (missed <= (sent + missed) * mostMissed && longestGapMs <= longestGap.ms && forbidden >= fewestForbidden) return;
  throw new GauntletError(
    'GAUNTLET_MACHINE',
    `The generator sent ${sent} requests and missed ${missed}. In the watch of ${Math.round(watch.toMs - watch.fromMs)} ms it sent ${forbidden} that are forbidden, and none for ${longestGapMs} ms`,
    { hint: 'The machine is too busy for so many cells at once: use a smaller -j.' },
  );
}
