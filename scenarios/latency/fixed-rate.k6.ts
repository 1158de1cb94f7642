// SPDX-License-Identifier: Apache-2.0
// Runs in k6, not in Node: GETs at a fixed arrival rate, whatever comes back. What is asked comes by the environment, what came of it goes to stdout as JSON.
import http, { type RefinedResponse, type ResponseType } from 'k6/http';
import type { Options } from 'k6/options';

const { URL: url = '', HOST: host = '', RATE: rate = '', SECONDS: seconds = '' } = __ENV;

export const options: Options = {
  discardResponseBodies: true,
  summaryTrendStats: ['count', 'avg', 'med', 'p(90)', 'p(99)', 'p(99.9)', 'max'],
  scenarios: {
    fixed: {
      executor: 'constant-arrival-rate',
      rate: Number(rate),
      timeUnit: '1s',
      duration: `${seconds}s`,
      // One that waits is not sent in time, and k6 says so; so many wait at once only where answers take a second.
      preAllocatedVUs: Math.min(Number(rate), 100),
      maxVUs: Number(rate),
    },
  },
};

export default function get(): RefinedResponse<ResponseType | undefined> {
  return http.get(url, { headers: { Host: host } });
}

/** The name by which k6 asks for it. */
export function handleSummary(data: object): Record<string, string> {
  return { stdout: `${JSON.stringify(data)}\n` };
}
