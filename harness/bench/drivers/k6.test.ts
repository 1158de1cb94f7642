// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { readSummary } from './k6.ts';

const summary = (metrics: Record<string, object | undefined> = {}): string => {
  const all = {
    http_reqs: { values: { count: 301, rate: 100.2 } },
    http_req_failed: { values: { passes: 3, fails: 298, rate: 0.01 } },
    http_req_duration: { values: { count: 301, avg: 2, med: 1.5, 'p(90)': 3, 'p(99)': 8, 'p(99.9)': 20, max: 21 } },
    ...metrics,
  };
  return [JSON.stringify({ metrics: all }), '0m0.000000s 0m0.010000s', '0m0.270000s 0m0.140000s'].join('\n');
};
const unusable: unknown = expect.objectContaining({ code: 'GAUNTLET_LOAD' });

describe('a summary of k6', () => {
  it('is told in requests and milliseconds', () => {
    expect(readSummary(summary(), 2)).toEqual({
      requests: 301,
      failed: 3,
      dropped: 0,
      p50: 1.5,
      p90: 3,
      p99: 8,
      p999: 20,
      max: 21,
      busy: expect.closeTo(0.205) as unknown,
    });
  });

  it('says what was not sent in time', () => {
    expect(readSummary(summary({ dropped_iterations: { values: { count: 17 } } }), 2)).toMatchObject({ dropped: 17 });
  });

  it('without a sample has no latency, and not 0', () => {
    expect(readSummary(summary({ http_req_duration: undefined }), 2)).toMatchObject({ p50: null, p99: null, max: null });
  });

  it('without a request is no result: k6 calls a threshold without samples passed', () => {
    expect(() => readSummary(summary({ http_reqs: undefined }), 2)).toThrow(unusable);
    expect(() => readSummary(summary({ http_reqs: { values: { count: 0 } } }), 2)).toThrow(unusable);
    expect(() => readSummary(summary({ http_req_failed: undefined }), 2)).toThrow(unusable);
  });

  it('that is none is no result', () => {
    for (const output of ['', 'level=error msg="no such file"', '{"metrics":1}', summary().replace('}}\n', '}\n')])
      expect(() => readSummary(output, 2)).toThrow(unusable);
  });
});
