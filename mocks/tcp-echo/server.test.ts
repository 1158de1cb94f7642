// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { certificateAuthority, type Authority } from '../../fixtures/certificates/authority.ts';
import { createProbe } from '../../harness/probe/client.ts';
import { curlCommand } from '../../harness/probe/curl.ts';
import { seconds } from '../../harness/units.ts';
import { Instance } from '../instance/instance.ts';
import { tlsSettingsSchema } from '../instance/tls-settings.ts';
import { tcpEchoKind } from './server.ts';

let echo: Instance;
let servers: Authority;
let directory: string;
const probe = createProbe({ timeout: seconds(5) });
const endpoint = () => ({ address: '127.0.0.1', port: echo.port });

beforeEach(async () => {
  echo = await Instance.open(tcpEchoKind, {}, { name: 'tcp-echo', address: '127.0.0.1', ports: () => 0 });
  servers = await certificateAuthority('servers');
  directory = await mkdtemp(join(tmpdir(), 'gauntlet-tcp-'));
});

afterEach(async () => {
  await echo[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

async function serveTls(): Promise<void> {
  echo.setTls(tlsSettingsSchema.parse({ ...(await servers.issue({ name: 'tcp.test', usage: 'server' })), alpn: [] }));
}

/** What a shell makes of a reproducer. */
async function shell(command: string): Promise<string> {
  return (await promisify(execFile)('sh', ['-c', command], { cwd: directory })).stdout;
}

describe('a TCP echo', () => {
  it('says each line back, however lines are cut, and ends when the client does', async () => {
    const socket = connect({ ...endpoint(), host: '127.0.0.1', noDelay: true });
    for (const piece of ['a', 'b\nc', '\r\n', 'd']) await new Promise((written) => socket.write(piece, written));
    socket.end();
    expect(await text(socket)).toBe('tcp-echo: ab\ntcp-echo: c\ntcp-echo: d\n');
  });

  it('records an id, and nothing else', async () => {
    const socket = connect({ ...endpoint(), host: '127.0.0.1' });
    socket.write('hello\nx-gauntlet-id: id-1\nbye\n');
    await once(socket, 'data');
    await expect.poll(() => echo.arrivals('id-1')).toMatchObject([{ method: 'TCP' }]);
    socket.destroy();
    expect(echo.arrivals()).toHaveLength(1);
  });

  it('ends a connection whose line does not', async () => {
    const socket = connect({ ...endpoint(), host: '127.0.0.1' }).on('error', () => undefined);
    socket.write('x'.repeat(70_000));
    await once(socket.resume(), 'close');
    expect(echo.arrivals()).toEqual([]);
  });
});

describe('the probe over bare TCP', () => {
  it('gets its line back, and so does its reproducer: curl', async () => {
    const exchange = await probe.send(endpoint(), { tcp: 'it is "so"' });
    expect(exchange).toMatchObject({ response: { status: 0, body: 'tcp-echo: it is "so"' } });
    expect(exchange).not.toHaveProperty('tls');
    // To curl, the end of its time is a failure.
    expect(await shell(`${curlCommand(exchange)} 2>&1 || true`)).toContain('tcp-echo: it is "so"\n');
    expect(echo.arrivals(exchange.id)).toHaveLength(2);
  });

  it('gets its line back over TLS, and so does its reproducer: OpenSSL', async () => {
    await serveTls();
    await writeFile(join(directory, 'ca.pem'), servers.certificate);
    const exchange = await probe.send(endpoint(), {
      tcp: 'hello',
      host: 'tcp.test',
      tls: { ca: servers.certificate, maxVersion: 'TLSv1.2' },
    });
    expect(exchange).toMatchObject({
      response: { body: 'tcp-echo: hello' },
      tls: { protocol: 'TLSv1.2', server: { subject: 'CN=tcp.test', sans: ['DNS:tcp.test'] } },
    });
    expect(await shell(`${curlCommand(exchange)} 2>&1`)).toContain('tcp-echo: hello\n');
    const tls = { sni: 'tcp.test', protocol: 'TLSv1.2' };
    expect(echo.arrivals(exchange.id)).toMatchObject([{ tls }, { tls }]);
  });

  it('tells plain text, another authority and an end without a line apart', async () => {
    await serveTls();
    expect(await probe.send(endpoint(), { tcp: 'hello' })).toMatchObject({ error: { layer: 'tcp', code: 'closed' } });
    const tls = { ca: (await certificateAuthority('other')).certificate, serverName: 'tcp.test' };
    expect(await probe.send(endpoint(), { tcp: 'hello', tls })).toMatchObject({ error: { layer: 'tls' } });
    await echo.setFault('refuse');
    expect(await probe.send(endpoint(), { tcp: 'hello' })).toMatchObject({ error: { layer: 'connect', code: 'ECONNREFUSED' } });
    echo.setTls(undefined);
    await echo.setFault('half-close');
    expect(await probe.send(endpoint(), { tcp: 'hello' })).toMatchObject({ error: { layer: 'tcp', code: 'closed' } });
    expect(echo.arrivals()).toEqual([]);
  });
});
