// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createAuthority, type TestAuthority } from '../../probe/test-servers.ts';
import { readMarks, timeHandshakes } from './openssl-s-time.ts';

describe('marks of openssl s_time', () => {
  it('are counted, those of resumed sessions too, and not the words before them', () => {
    const told = 'Collecting connection statistics for 3600 seconds\n\n\nNow timing with session id reuse.\nstarting\n';
    expect(readMarks(`${told}*rrr*r\n0m0.01s 0m0.00s\n0m0.25s 0m0.50s`)).toEqual({ connections: 6, resumed: 4 });
    expect(readMarks(`${told}****\n0m0.01s 0m0.00s\n0m0.25s 0m0.50s`)).toEqual({ connections: 4, resumed: 0 });
  });

  it('that are not there are no result', () => {
    for (const output of ['', 'Collecting connection statistics for 3600 seconds\n\n0m0.01s 0m0.00s\n0m0.25s 0m0.50s'])
      expect(() => readMarks(output)).toThrow(expect.objectContaining({ code: 'GAUNTLET_LOAD' }));
  });
});

describe('openssl s_time', () => {
  let ours: TestAuthority;
  beforeAll(async () => {
    ours = await createAuthority('ours');
  });

  it.each([{ resumes: false }, { resumes: true }])('asks as it is told, with its certificate ($resumes)', async ({ resumes }) => {
    const asked = new Set<string>();
    const seen = { connections: 0, resumed: 0 };
    const tls = { cert: ours.server.certificate, key: ours.server.key, ca: ours.ca, requestCert: true, rejectUnauthorized: true };
    const server = https.createServer(tls, ({ method, url, httpVersion, headers }, response) => {
      asked.add(`${method} ${url} ${httpVersion} ${headers.host} ${headers.connection}`);
      response.end();
    });
    server.on('secureConnection', (socket: TLSSocket) => {
      seen.connections += 1;
      if (socket.isSessionReused()) seen.resumed += 1;
    });
    onTestFinished(() => void server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const options = { endpoint: { address: '127.0.0.1', port }, host: 'a.test', path: '/0k', seconds: 1, processors: '0' };
    const { connections, resumed, seconds } = await timeHandshakes('openssl', { ...options, tls: { resumes, identity: ours.client } });
    expect([...asked]).toEqual(['GET /0k 1.1 a.test close']);
    expect(seconds).toBe(1);
    expect(connections).toBeGreaterThan(0);
    expect(resumed).toBe(resumes ? connections : 0);
    // The one under way when it is stopped has no mark, nor has the one that gets the first session.
    expect(seen.connections - connections).toBeLessThanOrEqual(2);
  });

  it('that reaches nobody, or is refused, is no result', async () => {
    const options = { endpoint: { address: '127.0.0.1', port: 1 }, host: 'a.test', path: '/', seconds: 1, processors: '0', tls: {} };
    await expect(timeHandshakes('openssl', options)).rejects.toMatchObject({ code: 'GAUNTLET_LOAD' });
  });
});
