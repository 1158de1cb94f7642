// SPDX-License-Identifier: Apache-2.0
import type { Point } from '../statistics/theil-sen.ts';

/** How the memory of a process goes that never was. */
export interface MemorySeriesOptions {
  /** One each second. */
  readonly samples: number;
  /** MiB a minute. */
  readonly slope: number;
  /** Standard deviation of the noise, in MiB; 1 by default. */
  readonly spread?: number;
  /** Of the noise between one second and the next; 0.9 by default: it lasts some ten seconds. */
  readonly correlation?: number;
  /** What a garbage collector lets grow before it collects, in MiB; none by default. */
  readonly garbage?: number;
  /** Seconds between two collections, one fifth more or less; 60 by default. */
  readonly collectedEach?: number;
  readonly random: () => number;
}

/** Memory in MiB by minutes. */
export function memorySeries({
  samples,
  slope,
  spread = 1,
  correlation = 0.9,
  garbage = 0,
  collectedEach = 60,
  random,
}: MemorySeriesOptions): readonly Point[] {
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  let noise = spread * normal();
  let [since, each] = [random() * collectedEach, collectedEach];
  return Array.from({ length: samples }, (_, second): Point => {
    noise = correlation * noise + spread * Math.sqrt(1 - correlation ** 2) * normal();
    since += 1;
    if (since > each) [since, each] = [0, collectedEach * (0.8 + 0.4 * random())];
    return [second / 60, 60 + (slope * second) / 60 + noise + (garbage * since) / each];
  });
}
