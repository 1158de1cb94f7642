// SPDX-License-Identifier: Apache-2.0
import type { Histogram } from 'hdr-histogram-js';
import type { Added, TimesSeen } from '../../harness/bench/streaming/added.ts';
import type { Integrity } from '../../harness/bench/streaming/integrity.ts';
import type { Chart, Measurement } from '../../harness/bench/measurement.ts';
import type { StreamWindow } from '../../harness/bench/streaming/paired-streams.ts';

/** What of a difference may be nothing, in milliseconds: goal G9 of the performance anchors. */
const mostNoiseMs = { 'first token': 0.1, gap: 0.05 } as const;

/** A time to which a gateway adds, as reports call it. */
type AddedTime = keyof typeof mostNoiseMs;

/** Times of both sides. */
interface BothTimes {
  readonly gateway: TimesSeen;
  readonly direct: TimesSeen;
}

/** Times as clients see them, beside those without the gateway. */
export function timesMeasured({ gateway, direct }: BothTimes, windows: readonly StreamWindow[]): readonly Measurement[] {
  const rows = { 'first event': 'firstEvent', 'first token': 'firstToken', gap: 'gap' } as const;
  return Object.entries(rows).flatMap(([cell, time]) =>
    [50, 90, 99].map((percentile): Measurement => {
      const at = (histogram: Histogram): number | null =>
        histogram.totalCount === 0 ? null : histogram.getValueAtPercentile(percentile) / 1000;
      return { cell, metric: `p${percentile}`, unit: 'ms', value: at(gateway[time]), direct: at(direct[time]), ...unmeasured(windows) };
    }),
  );
}

/** What the gateway adds; struck out where two streams through it differ by too much for that. */
export function addedMeasured(added: Readonly<Record<AddedTime, Added | null>>, windows: readonly StreamWindow[]): readonly Measurement[] {
  return (Object.entries(added) as [AddedTime, Added | null][]).flatMap(([time, one]) => {
    const tooNoisy = one !== null && one.noiseMs > mostNoiseMs[time] ? { invalid: tooNoisyFor(time, one.noiseMs) } : {};
    const row = (metric: string, value: number | undefined): Measurement => ({
      cell: `added to ${time}`,
      metric,
      unit: 'ms',
      value: value === undefined || !Number.isFinite(value) ? null : value,
      ...tooNoisy,
      ...unmeasured(windows),
    });
    return [row('p50', one?.value), row('from (95 %)', one?.low), row('to (95 %)', one?.high), row('may be noise (95 %)', one?.noiseMs)];
  });
}

const tooNoisyFor = (time: AddedTime, noiseMs: number): string =>
  Number.isFinite(noiseMs) ? `for ${time}, two of the same may differ by ${noiseMs.toFixed(2)} ms` : 'too few pairs could be timed';

/** How many windows there were, and of how many the times count. */
export function windowsMeasured(windows: readonly StreamWindow[]): readonly Measurement[] {
  const timed = windows.filter(({ invalid }) => invalid === undefined).length;
  return [
    { cell: 'windows', metric: 'played', unit: 'count', value: windows.length },
    { cell: 'windows', metric: 'timed', unit: 'count', value: timed },
  ];
}

/** What of streams was wrong. */
export function integrityMeasured(through: Integrity, direct: Integrity): readonly Measurement[] {
  const names = {
    streams: 'streams',
    frames: 'frames',
    failed: 'failed',
    incomplete: 'incomplete',
    reordered: 'out of order',
    reframed: 'cut anew',
  } as const;
  return Object.entries(names).map(([key, metric]) => {
    const of = (integrity: Integrity): number => integrity[key as keyof typeof names];
    return { cell: 'all streams', metric, unit: 'count', value: of(through), direct: of(direct) };
  });
}

/** Times to the first token by percentile. */
export function firstTokenCurves({ gateway, direct }: BothTimes): Chart {
  const curve = (name: string, { firstToken }: TimesSeen) => ({
    name,
    points: firstToken.totalCount === 0 ? [] : percentiles.map((one) => [one, firstToken.getValueAtPercentile(one) / 1000] as const),
  });
  return {
    title: 'Time to the first token',
    x: { title: 'percentile' },
    y: { title: 'milliseconds' },
    form: 'line',
    series: [curve('gateway', gateway), curve('direct', direct)],
  };
}

const percentiles = Array.from({ length: 99 }, (_, index) => index + 1);

/** Why there are no times at all. */
function unmeasured(windows: readonly StreamWindow[]): Pick<Measurement, 'invalid'> {
  if (windows.some(({ invalid }) => invalid === undefined)) return {};
  return { invalid: windows.at(-1)?.invalid ?? 'nothing was played' };
}
