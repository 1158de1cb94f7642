// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketName, bucketOf } from '../latency-buckets.ts';
import { addCounts, percentileMs, type LatencyCounts } from '../latency-counts.ts';
import { mergeRunners } from './merge.ts';
import { readRunnerReport, type RunnerReport } from './runner-report.ts';

const countsOf = (ms: readonly number[]): LatencyCounts => addCounts(ms.map((one) => new Map([[bucketOf(1000 * one), 1]])));

/** What a runner with these latencies reports. */
function report(ms: readonly number[], rest: Partial<RunnerReport> = {}): RunnerReport {
  return {
    ...{ runner: 'a', runners: 1, perSecond: ms.length, seconds: 1, startedAt: 0, endedAt: 1000 },
    ...{ requests: ms.length, failed: 0, dropped: 0, latency: countsOf(ms), maxMs: Math.max(...ms) },
    ...rest,
  };
}
const unusable: unknown = expect.objectContaining({ code: 'GAUNTLET_LOAD' });
const latency = fc.double({ min: 0.1, max: 50_000, noNaN: true });

describe('the reports of runners', () => {
  it('are together what one runner would have reported that did all of it', () => {
    fc.assert(
      fc.property(fc.array(fc.array(latency, { minLength: 1 }), { minLength: 1, maxLength: 6 }), (dealt) => {
        const [all, runners] = [dealt.flat(), dealt.length];
        const settings = { runners, perSecond: all.length };
        const parts = dealt.map((ms, index) => report(ms, { ...settings, runner: `r-${index}`, failed: index }));
        expect(mergeRunners(parts)).toEqual({ ...mergeRunners([report(all)]), runners, failed: (runners * (runners - 1)) / 2 });
      }),
    );
  });

  it('have the percentiles of all requests, where the average of theirs is wrong', () => {
    const fast = Array.from({ length: 990 }, () => 1);
    const slow = Array.from({ length: 10 }, () => 500);
    const settings = { runners: 2, perSecond: 1000 };
    const parts = [report(fast, settings), report(slow, { ...settings, runner: 'b' })];
    const averaged = parts.reduce((sum, part) => sum + (percentileMs(part.latency, 50) ?? NaN) / 2, 0);
    expect(averaged).toBeGreaterThan(250);
    expect(mergeRunners(parts)).toMatchObject({ p50: expect.closeTo(1, 1) as number, p99: expect.closeTo(1, 1) as number, max: 500 });
    expect(mergeRunners(parts).p999).toBe(500);
  });

  it('are no result if one is missing, came twice, or is of another run', () => {
    const two = { runners: 2, perSecond: 6 };
    const [one, other] = [report([1, 2, 3], two), report([1, 2, 3], { ...two, runner: 'b' })];
    expect(mergeRunners([one, other]).requests).toBe(6);
    for (const wrong of [[], [one], [one, one], [one, other, report([1], { ...two, runner: 'c' })], [one, { ...other, seconds: 2 }]])
      expect(() => mergeRunners(wrong)).toThrow(unusable);
  });

  it('say nothing of the gateway if not all was sent, or not at once', () => {
    const two = { runners: 2, perSecond: 6 };
    const [one, other] = [report([1, 2, 3], two), report([1, 2, 3], { ...two, runner: 'b' })];
    expect(mergeRunners([one, other]).invalid).toBeUndefined();
    expect(mergeRunners([one, { ...other, dropped: 1 }]).invalid).toBe('k6 sent 6 of 6 requests, and dropped 1');
    expect(mergeRunners([one, report([1], { ...two, runner: 'b' })]).invalid).toBe('k6 sent 4 of 6 requests, and dropped 0');
    expect(mergeRunners([one, { ...other, startedAt: 1000, endedAt: 2000 }]).invalid).toBe('the runners began 1.0 s apart');
  });
});

describe('the log of a runner', () => {
  const summary = (changes: object = {}, counts: Readonly<Record<string, number>> = { [bucketName(bucketOf(1500))]: 3 }): string =>
    JSON.stringify({
      part: { runner: 'r-0', runners: 2, perSecond: 6, seconds: 1, endedAt: 5000 },
      state: { testRunDurationMs: 1100 },
      metrics: {
        http_reqs: { type: 'counter', values: { count: 3, rate: 3 } },
        http_req_failed: { values: { passes: 1, fails: 2 } },
        http_req_duration: { values: { max: 1.51, med: 1.5 } },
        ...Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, { values: { count, rate: count } }])),
        ...changes,
      },
    });

  it('is read for its report, whatever else is in it', () => {
    expect(readRunnerReport(`time="..." level=info msg="x"\n${summary()}\n`, 'r-0')).toEqual({
      ...{ runner: 'r-0', runners: 2, perSecond: 6, seconds: 1, startedAt: 3900, endedAt: 5000 },
      ...{ requests: 3, failed: 1, dropped: 0, latency: new Map([[bucketOf(1500), 3]]), maxMs: 1.51 },
    });
    expect(readRunnerReport(summary({ dropped_iterations: { values: { count: 4 } } }), 'r-0').dropped).toBe(4);
  });

  it('without requests, or with other counts than requests, is no result', () => {
    expect(() => readRunnerReport(summary({ http_reqs: { values: { count: 0 } } }), 'r')).toThrow(unusable);
    expect(() => readRunnerReport(summary({ http_reqs: undefined }), 'r')).toThrow(unusable);
    expect(() => readRunnerReport(summary({}, {}), 'r')).toThrow(unusable);
    expect(() => readRunnerReport(summary({}, { latency_us_64: 2 }), 'r')).toThrow(unusable);
    expect(() => readRunnerReport(summary({}, { latency_us_64: 1.5, latency_us_65: 1.5 }), 'r')).toThrow(unusable);
  });

  it('that is cut off is no result', () => {
    for (const log of ['', summary().slice(0, -9), 'level=error msg="no such file"'])
      expect(() => readRunnerReport(log, 'r')).toThrow(unusable);
  });
});
