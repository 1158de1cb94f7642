// SPDX-License-Identifier: Apache-2.0
import type { Histogram } from 'hdr-histogram-js';
import { median } from 'simple-statistics';
import { latencyHistogram } from '../drivers/load.ts';
import { hodgesLehmann, type Estimate } from '../statistics/signed-rank.ts';
import type { StreamPair, StreamWindow } from './paired-streams.ts';
import type { StreamSeen } from './stream-reader.ts';

/** Times of streams that are told: to the first token, and between two frames. */
export type StreamTime = 'firstToken' | 'gap';

/** What a gateway adds to a time, in milliseconds, with the interval of 95 %. */
export interface Added extends Estimate {
  /** As far from 0 as the same difference between two streams through the gateway may be (95 %): what of it may be nothing. */
  readonly noiseMs: number;
}

const confidence = 0.95;

/**
 * What the gateway adds: the median of differences between streams of one moment with and without it (Hodges-Lehmann). What the server held a frame for is
 * taken off both before, as it is not the gateway's. Null without a pair that has the time, of either kind.
 *
 * @param windows of which those that say nothing of times are left out
 */
export function addedTo(time: StreamTime, windows: readonly StreamWindow[]): Added | null {
  const differences = (kind: StreamPair['kind']): readonly number[] =>
    pairsThatCount(windows).flatMap((pair) => {
      const [gateway, other] = [ownTime[time](pair.gateway), ownTime[time](pair.other)];
      return pair.kind !== kind || gateway === null || other === null ? [] : [gateway - other];
    });
  const [compared, noise] = [differences('compare'), differences('noise')];
  if (compared.length === 0 || noise.length === 0) return null;
  const { low, high } = hodgesLehmann(noise, confidence);
  return { ...hodgesLehmann(compared, confidence), noiseMs: Math.max(-low, high) };
}

/** Times as clients see them, with what the server takes, in microseconds. */
export interface TimesSeen {
  readonly firstEvent: Histogram;
  readonly firstToken: Histogram;
  readonly gap: Histogram;
}

/** Of pairs that compare, one side's times. */
export function timesOf(side: 'gateway' | 'other', windows: readonly StreamWindow[]): TimesSeen {
  const times = { firstEvent: latencyHistogram(), firstToken: latencyHistogram(), gap: latencyHistogram() };
  const record = (histogram: Histogram, ms: number | null): void => {
    if (ms !== null) histogram.recordValue(Math.max(0, Math.round(1000 * ms)));
  };
  for (const pair of pairsThatCount(windows)) {
    if (pair.kind !== 'compare') continue;
    const { firstEventMs, firstTokenMs, frames } = pair[side];
    record(times.firstEvent, firstEventMs);
    record(times.firstToken, firstTokenMs);
    frames.slice(1).forEach(({ atMs }, index) => record(times.gap, atMs - (frames[index]?.atMs ?? NaN)));
  }
  return times;
}

const pairsThatCount = (windows: readonly StreamWindow[]): readonly StreamPair[] =>
  windows.filter(({ invalid }) => invalid === undefined).flatMap(({ pairs }) => pairs);

/** Without what the server takes. */
const ownTime: Readonly<Record<StreamTime, (stream: StreamSeen) => number | null>> = {
  firstToken: ({ firstTokenMs, frames }) => {
    const [first] = frames;
    return firstTokenMs === null || first === undefined ? null : firstTokenMs - first.heldMs;
  },
  gap: ({ frames }) => {
    const added = frames.slice(1).map(({ atMs, heldMs }, index) => {
      const before = frames[index];
      return before === undefined ? NaN : atMs - before.atMs - (heldMs - before.heldMs);
    });
    return added.length === 0 ? null : median(added);
  },
};
