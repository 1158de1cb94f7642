// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAuthority } from '../../probe/test-servers.ts';
import { loadWithH2load, readH2load } from './h2load.ts';

const report = `Application protocol: h2c
finished in 2.00s, 100.00 req/s, 1KB/s
requests: 3 total, 4 started, 3 done, 2 succeeded, 1 failed, 0 errored, 0 timeout
status codes: 2 2xx, 0 3xx, 0 4xx, 1 5xx
traffic: 2.11KB (2161) total, 90B (90) headers (space savings 70.00%), 1.99KB (2040) data
0m0.010000s 0m0.000000s
0m0.250000s 0m0.500000s`;
const log = '1795454344505004\t200\t9743\n1795454344514840\t200\t2613\n1795454344504986\t503\t12505\n';
const unusable: unknown = expect.objectContaining({ code: 'GAUNTLET_LOAD' });

describe('a report of h2load', () => {
  it('is told in requests, seconds and a histogram', () => {
    const { latency, ...rest } = readH2load(report, log, { spoken: 'h2c' });
    expect(rest).toEqual({ served: 2, failed: 1, seconds: 2, cpuSeconds: 0.75 });
    expect([latency.totalCount, latency.minNonZeroValue]).toEqual([3, 2613]);
  });

  it('without a request is no result, though h2load ends well', () => {
    const expected = { spoken: 'h2c' };
    expect(() => readH2load(report, '', expected)).toThrow(unusable);
    expect(() => readH2load('', log, expected)).toThrow(unusable);
    expect(() => readH2load(report.replace('finished in 2.00s', 'finished in 0s'), log, expected)).toThrow(unusable);
  });

  it('over another protocol is no result', () => {
    expect(() => readH2load(report, log, { spoken: 'h2' })).toThrow(unusable);
    expect(() => readH2load(report.replace(/^Application.*\n/, ''), log, { spoken: 'h2c' })).toThrow(unusable);
  });

  it('counts answers of 200 that have no message as failed', () => {
    const right = log.replace('503', '200');
    const all = report.replace('1 failed', '0 failed');
    const { served, failed } = readH2load(all, right, { spoken: 'h2c', answerBytes: 1020 });
    expect([served, failed]).toEqual([2, 1]);
    expect(readH2load(all, right, { spoken: 'h2c', answerBytes: 680 })).toMatchObject({ served: 3, failed: 0 });
    expect(() => readH2load(all.replace(/^traffic.*\n/m, ''), right, { spoken: 'h2c', answerBytes: 680 })).toThrow(unusable);
  });

  it('may take less than a second', () => {
    expect(readH2load(report.replace('2.00s', '750.00ms'), log, { spoken: 'h2c' }).seconds).toBe(0.75);
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

  it('says over HTTP/1.1 once, and rightly, whom it asks', async () => {
    const seen = new Set<string>();
    const server = http.createServer(({ rawHeaders }, response) => {
      seen.add(rawHeaders.filter((_, index) => rawHeaders[index - (index % 2)]?.toLowerCase() === 'host').join(' '));
      response.end();
    });
    onTestFinished(() => void server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const load = { host: 'app.test', path: '/', connections: 1, seconds: 1, processors: '0', protocol: 'http/1.1' } as const;
    const { failed } = await loadWithH2load('h2load', { ...load, endpoint: { address: '127.0.0.1', port } });
    expect([...seen, failed]).toEqual(['Host app.test', 0]);
  });

  it('sends so many calls with a body, and over TLS what it was told', async () => {
    const { server: identity } = await createAuthority('ours');
    const bodies: string[] = [];
    const server = http2.createSecureServer({ cert: identity.certificate, key: identity.key }, (request, response) => {
      void text(request).then((body) => {
        bodies.push(`${request.method} ${String(request.headers['content-type'])} ${body}`);
        // One in four is answered, and well, but says nothing.
        response.end(bodies.length % 4 === 0 ? '' : 'right');
      });
    });
    onTestFinished(() => void server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const { served, failed } = await loadWithH2load('h2load', {
      ...{
        endpoint: { address: '127.0.0.1', port },
        host: 'app.test',
        path: '/',
        connections: 4,
        seconds: 1,
        processors: '0',
        protocol: 'h2',
      },
      ...{ requests: 400, headers: { 'content-type': 'text/x' }, body: Buffer.from('asked'), answerBytes: 5 },
    });
    expect([served, failed]).toEqual([300, 100]);
    expect([...new Set(bodies)]).toEqual(['POST text/x asked']);
  });

  it('that reaches nobody is no result', async () => {
    const load = { host: 'app.test', path: '/', connections: 1, seconds: 1, processors: '0', protocol: 'h2c' } as const;
    await expect(loadWithH2load('h2load', { ...load, endpoint: { address: '127.0.0.1', port: 1 } })).rejects.toMatchObject({
      code: 'GAUNTLET_LOAD',
    });
  });
});
