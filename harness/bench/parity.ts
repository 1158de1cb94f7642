// SPDX-License-Identifier: Apache-2.0
import { isOfThisMachine, type Sent } from '../lifecycle/streams.ts';
import { assertSent } from './downtime.ts';

/** What should become of the forbidden requests of one stream. */
export interface Forbidden {
  /** Of the policy. */
  readonly name: string;
  /** Status of the denial. */
  readonly status: number;
  /** So many may pass, as with a limit that has not been reached. 0 by default. */
  readonly allowance?: number;
}

/** What became of them. */
export interface Denials {
  readonly name: string;
  readonly requests: number;
  readonly denied: number;
  /** Answered with success, beyond the allowance. */
  readonly passed: number;
  /** What else came in place of the denial: `{ '503': 2 }`. */
  readonly other: Readonly<Record<string, number>>;
}

/**
 * Reads forbidden requests that were sent beside a load.
 *
 * @param streams in the order of the generator's streams
 * @throws GauntletError `GAUNTLET_MACHINE` if they were not sent as they should have been.
 */
export function denialsOf({ sendings, missed }: Sent, streams: readonly Forbidden[]): readonly Denials[] {
  assertSent({ requests: sendings.length, missed, unsent: sendings.filter(({ error }) => isOfThisMachine(error)).length });
  const byStream = Map.groupBy(sendings, ({ stream }) => stream);
  return streams.map(({ name, status: expected, allowance = 0 }, index): Denials => {
    const own = byStream.get(index) ?? [];
    const passed = own.filter(({ status }) => status !== undefined && status < 400).length;
    const other: Record<string, number> = {};
    for (const { status, error } of own) {
      if (status === expected || (status !== undefined && status < 400)) continue;
      const what = error ?? String(status);
      other[what] = (other[what] ?? 0) + 1;
    }
    return {
      name,
      requests: own.length,
      denied: own.filter(({ status }) => status === expected).length,
      passed: Math.max(0, passed - allowance),
      other,
    };
  });
}

/** Whether all were denied as they should have been, and there were some. */
export const isDenied = ({ requests, passed, other }: Denials): boolean => requests > 0 && passed === 0 && Object.keys(other).length === 0;
