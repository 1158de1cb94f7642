// SPDX-License-Identifier: Apache-2.0
import { GauntletError } from '../errors.ts';
import { isOfThisMachine, type Sending, type Sent } from '../lifecycle/streams.ts';

/** What requests at a fixed rate say of a gateway that should have answered all of them. */
export interface Downtime {
  readonly requests: number;
  readonly failed: number;
  /** From the sending of the first to the end of the last of failed requests that follow each other, in milliseconds. */
  readonly longestMs: number;
  /** Share of requests that may fail at most, with 95 % (rule of three, and its like for more than none). */
  readonly mayFail: number;
  /** Failed requests by second from the start. */
  readonly bySecond: readonly number[];
  /** What came in place of answers: `{ '503': 3, ECONNRESET: 1 }`. */
  readonly came: Readonly<Record<string, number>>;
}

/** Of all slots so many may go unused; beyond that the machine was too busy to look. */
const mostMissed = 0.01;

/**
 * Reads what a generator sent.
 *
 * @throws GauntletError `GAUNTLET_MACHINE` if requests did not leave this machine, or too many were not sent in time: then nothing is said of the gateway.
 */
export function downtimeOf({ sendings, missed, startedAt, endedAt }: Sent): Downtime {
  assertSent({ requests: sendings.length, missed, unsent: sendings.filter(({ error }) => isOfThisMachine(error)).length });
  const failed = sendings.filter(isFailed);
  const bySecond = new Array<number>(Math.ceil((endedAt - startedAt) / 1000)).fill(0);
  const came: Record<string, number> = {};
  for (const { sentAt, status, error } of failed) {
    const second = Math.floor((sentAt - startedAt) / 1000);
    bySecond[second] = (bySecond[second] ?? 0) + 1;
    const what = error ?? String(status);
    came[what] = (came[what] ?? 0) + 1;
  }
  return {
    requests: sendings.length,
    failed: failed.length,
    longestMs: longestOf(sendings),
    mayFail: mostLikely(failed.length) / sendings.length,
    bySecond,
    came,
  };
}

/**
 * Makes sure that requests were sent as they should have been.
 *
 * @param sending what was sent, what was due and not sent, and what of the sent never left this machine
 * @throws GauntletError `GAUNTLET_MACHINE` if not.
 */
export function assertSent({
  requests,
  missed,
  unsent,
}: {
  readonly requests: number;
  readonly missed: number;
  readonly unsent: number;
}): void {
  const slots = requests + missed;
  if (unsent === 0 && missed <= mostMissed * slots && slots > 0) return;
  throw new GauntletError('GAUNTLET_MACHINE', `Of ${slots} requests ${missed} were not sent in time, and ${unsent} never left`, {
    hint: 'The machine is too busy, or has too few descriptors or ports.',
  });
}

const isFailed = ({ status }: Sending): boolean => status !== 200;

function longestOf(sendings: readonly Sending[]): number {
  let longest = 0;
  let since: number | undefined;
  for (const sending of sendings) {
    if (isFailed(sending)) {
      since ??= sending.sentAt;
      longest = Math.max(longest, sending.endedAt - since);
    } else since = undefined;
  }
  return longest;
}

/** Upper bound of a Poisson mean of which so many were seen, with 95 % (Wilson and Hilferty); 3.0 for none. */
function mostLikely(seen: number): number {
  const n = seen + 1;
  return n * (1 - 1 / (9 * n) + 1.6449 / (3 * Math.sqrt(n))) ** 3;
}
