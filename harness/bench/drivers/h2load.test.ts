// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadWithH2load, readH2load } from './h2load.ts';

const report = `finished in 2.00s, 100.00 req/s, 1KB/s
requests: 3 total, 4 started, 3 done, 2 succeeded, 1 failed, 0 errored, 0 timeout
status codes: 2 2xx, 0 3xx, 0 4xx, 1 5xx
0m0.010000s 0m0.000000s
0m0.250000s 0m0.500000s`;
const log = '1795454344505004\t200\t9743\n1795454344514840\t200\t2613\n1795454344504986\t503\t12505\n';
const unusable: unknown = expect.objectContaining({ code: 'GAUNTLET_LOAD' });

describe('a report of h2load', () => {
  it('is told in requests, seconds and a histogram', () => {
    const { latency, ...rest } = readH2load(report, log);
    expect(rest).toEqual({ served: 2, failed: 1, seconds: 2, cpuSeconds: 0.75 });
    expect([latency.totalCount, latency.minNonZeroValue]).toEqual([3, 2613]);
  });

  it('without a request is no result, though h2load ends well', () => {
    expect(() => readH2load(report, '')).toThrow(unusable);
    expect(() => readH2load('', log)).toThrow(unusable);
    expect(() => readH2load(report.replace('finished in 2.00s', 'finished in 0s'), log)).toThrow(unusable);
  });
});

describe('h2load', () => {
  it('counts what a server serves and what it refuses', async () => {
    let [served, refused] = [0, 0];
    const server = http2.createServer((request, response) => {
      const isServed = request.headers[':authority'] === 'app.test' && (served + refused) % 4 !== 0;
      response.writeHead(isServed ? 200 : 503).end();
      if (isServed) served += 1;
      else refused += 1;
    });
    onTestFinished(() => void server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const load = { host: 'app.test', path: '/', connections: 4, seconds: 1, processors: '0', protocol: 'h2c' } as const;
    const result = await loadWithH2load('h2load', { ...load, endpoint: { address: '127.0.0.1', port } });
    expect(result.served).toBeGreaterThan(0);
    expect(served - result.served).toBeLessThanOrEqual(load.connections);
    expect(refused - result.failed).toBeLessThanOrEqual(load.connections);
    expect(result.latency.totalCount).toBe(result.served + result.failed);
  });

  it('that reaches nobody is no result', async () => {
    const load = { host: 'app.test', path: '/', connections: 1, seconds: 1, processors: '0', protocol: 'h2c' } as const;
    await expect(loadWithH2load('h2load', { ...load, endpoint: { address: '127.0.0.1', port: 1 } })).rejects.toMatchObject({
      code: 'GAUNTLET_LOAD',
    });
  });
});
