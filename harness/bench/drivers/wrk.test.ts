// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadWithWrk, readReport } from './wrk.ts';

const report = (changes: object = {}): string =>
  [
    'Running 1s test @ http://127.0.0.1:1/',
    JSON.stringify({
      requests: 100,
      microseconds: 2_000_000,
      errors: { connect: 1, read: 2, write: 3, status: 4, timeout: 5 },
      latency: [
        [50, 60],
        [200, 40],
      ],
      ...changes,
    }),
    '0m0.010000s 0m0.000000s',
    '1m0.250000s 0m0.500000s',
  ].join('\n');

describe('a report of wrk', () => {
  it('is told in requests, seconds and a histogram', () => {
    const { latency, ...rest } = readReport(report());
    expect(rest).toEqual({ served: 96, failed: 15, seconds: 2, cpuSeconds: 60.75 });
    expect([latency.totalCount, latency.getValueAtPercentile(50), latency.getValueAtPercentile(99)]).toEqual([100, 50, 200]);
  });

  it('that is none is no result', () => {
    for (const output of [
      '',
      'unable to connect to 127.0.0.1:1',
      report().replace('microseconds', 'hours'),
      report().replace(/\n1m.*/, '\n'),
    ])
      expect(() => readReport(output)).toThrow(expect.objectContaining({ code: 'GAUNTLET_LOAD' }));
  });
});

it('a report of wrk without a single request is no result, and none of them failed is not said', () => {
  const nothing = { requests: 0, errors: { connect: 0, read: 0, write: 0, status: 0, timeout: 0 }, latency: [] };
  expect(() => readReport(report(nothing))).toThrow(expect.objectContaining({ code: 'GAUNTLET_LOAD' }));
  expect(readReport(report({ ...nothing, errors: { ...nothing.errors, timeout: 2 } }))).toMatchObject({ served: 0, failed: 2 });
});

const load = { host: 'app.test', path: '/', connections: 4, seconds: 1, processors: '0' };

describe('wrk', () => {
  it('counts what a server serves and what it refuses', async () => {
    let [served, refused] = [0, 0];
    const server = http.createServer((request, response) => {
      const isServed = request.headers.host === 'app.test' && (served + refused) % 4 !== 0;
      response.statusCode = isServed ? 200 : 503;
      if (isServed) served += 1;
      else refused += 1;
      response.end();
    });
    onTestFinished(() => void server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const result = await loadWithWrk('wrk', { ...load, endpoint: { address: '127.0.0.1', port } });
    // At the end it goes without waiting for what is under way.
    expect(result.served).toBeGreaterThan(0);
    expect(served - result.served).toBeLessThanOrEqual(load.connections);
    expect(refused - result.failed).toBeLessThanOrEqual(load.connections);
    expect(result.latency.totalCount).toBeGreaterThanOrEqual(result.served + result.failed);
    expect(result.cpuSeconds).toBeGreaterThan(0);
  });

  it('sends the method and the headers that it is told', async () => {
    const seen = new Set<string>();
    const server = http.createServer(({ method, headers }, response) => {
      seen.add(`${method} ${headers.origin} ${headers.authorization}`);
      response.end();
    });
    onTestFinished(() => void server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const headers = { origin: 'http://app.test', authorization: 'Bearer a.b.c' };
    await loadWithWrk('wrk', { ...load, endpoint: { address: '127.0.0.1', port }, method: 'POST', headers });
    expect([...seen]).toEqual(['POST http://app.test Bearer a.b.c']);
  });

  it('that reaches nobody is no result', async () => {
    const nobody = loadWithWrk('wrk', { ...load, endpoint: { address: '127.0.0.1', port: 1 } });
    await expect(nobody).rejects.toMatchObject({ code: 'GAUNTLET_LOAD' });
  });
});
