// SPDX-License-Identifier: Apache-2.0
// Also part of scripts for k6: no module of Node here.

/**
 * Counts of latencies by ranges that are the same everywhere, so that what several runners counted adds up to what one would have counted. Percentiles do not: the
 * average of two medians is no median. Each power of two from 64 µs to 67 s is cut into 64 equal ranges, as HdrHistogram does, which makes each at most 1.6 % wide.
 */
const lowest = 64;
const perOctave = 64;
const octaves = 20;
const lastBucket = perOctave * octaves;

/** Lower bounds in whole microseconds; the first range is what is shorter than 64 µs, the last one has no end. */
export const bucketBounds: readonly number[] = Array.from({ length: lastBucket + 2 }, (_, index) => boundOf(index));

function boundOf(index: number): number {
  if (index === 0) return 0;
  const octave = Math.floor((index - 1) / perOctave);
  return (perOctave + ((index - 1) % perOctave)) * 2 ** octave;
}

/** Index in {@link bucketBounds} of the range that a latency is in, in microseconds. */
export function bucketOf(microseconds: number): number {
  if (!(microseconds >= lowest)) return 0;
  const whole = Math.floor(Math.min(microseconds, 2 ** 30));
  const octave = 31 - Math.clz32(whole) - 6;
  return Math.min(1 + octave * perOctave + Math.floor(whole / 2 ** octave) - perOctave, lastBucket + 1);
}

const prefix = 'latency_us_';

/** Name of the counter of a range, which k6 puts into its summary: `latency_us_1024`. */
export const bucketName = (index: number): string => `${prefix}${bucketBounds[index] ?? ''}`;

const indices = new Map(bucketBounds.map((bound, index) => [`${prefix}${bound}`, index]));

/** The range that a counter of this name counts; undefined for any other metric. */
export const bucketNamed = (name: string): number | undefined => indices.get(name);
