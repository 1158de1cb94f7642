// SPDX-License-Identifier: Apache-2.0
import type { MemorySample } from '../machine/memory-watch.ts';
import type { Series } from './measurement.ts';
import { slopeOf } from './statistics/theil-sen.ts';

/** How fast memory grows, in bytes a minute. */
export interface Growth {
  readonly value: number;
  /** The interval of 98 %: the true growth is below it in one soak of a hundred, and above it in another. */
  readonly low: number;
  readonly high: number;
  /** Growth that would have been found in 95 of a hundred such soaks: without it nobody can say that nothing leaks. */
  readonly foundFrom: number;
}

/**
 * More than this is a leak: 720 MiB a day, which ends a proxy with a limit of 1 GiB within two days. Half of the 1 MiB a minute that must be found, so that
 * the half between them is room for noise.
 */
export const growthLimit = 0.5 * 2 ** 20;

const confidence = 0.98;
const minuteMs = 60_000;
/** Charts of hours have no use for every second. */
const mostPoints = 300;

/** Reads samples; undefined if they are too few to say anything. */
export function growthOf(samples: readonly MemorySample[], random: () => number): Growth | undefined {
  const slope = slopeOf(
    samples.map(({ atMs, bytes }) => [atMs / minuteMs, bytes]),
    { confidence, random },
  );
  if (slope === undefined) return undefined;
  const { value, low, high, detectable } = slope;
  return { value, low, high, foundFrom: growthLimit + detectable };
}

/** Memory over time as a chart has it, in minutes and MiB, with a line of the slope through its middle. */
export function memoryCurves(name: string, samples: readonly MemorySample[], growth: Growth | undefined): readonly Series[] {
  const mib = 2 ** 20;
  const step = Math.max(1, Math.ceil(samples.length / mostPoints));
  const points = samples.filter((_, index) => index % step === 0).map(({ atMs, bytes }) => [atMs / minuteMs, bytes / mib] as const);
  const sorted = samples.map(({ bytes }) => bytes).toSorted((a, b) => a - b);
  const [first, last] = [samples[0], samples.at(-1)];
  if (growth === undefined || first === undefined || last === undefined) return [{ name, points }];
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const onLine = (atMs: number) =>
    [atMs / minuteMs, (middle + (growth.value * (atMs - (first.atMs + last.atMs) / 2)) / minuteMs) / mib] as const;
  return [
    { name, points },
    { name: `${name}, slope`, points: [onLine(first.atMs), onLine(last.atMs)] },
  ];
}
