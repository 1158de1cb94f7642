// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http2 from 'node:http2';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { Agent, request } from 'undici';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { temporaryFolder } from '../../harness/testing/temporary-folder.ts';
import { Toolchain } from '../../harness/toolchain/toolchain.ts';
import { certificateAuthority } from '../../fixtures/certificates/authority.ts';
import { defaultPayload, envoyConfiguration, healthPath, payloads, type LoadBackendConfiguration } from './envoy-configuration.ts';
import { bridgedContentType, grpcFrame, grpcPrefixBytes } from './grpc-answers.ts';
import { loadBackendImage } from './image.ts';

let envoy: string;
beforeAll(async () => {
  await using toolchain = Toolchain.open({ cacheDirectory: process.env['GAUNTLET_CACHE'] ?? join(homedir(), '.cache', 'gauntlet') });
  envoy = (await toolchain.resolve('envoy')).file();
});

/** A backend on sockets of the file system, answering. */
async function start(configuration: LoadBackendConfiguration = {}) {
  const [plain, secure] = ['load.sock', 'load-tls.sock'].map((name) => join(temporaryFolder(), name)) as [string, string];
  const addresses = { address: { pipe: { path: plain } }, tlsAddress: { pipe: { path: secure } } };
  const text = JSON.stringify(envoyConfiguration({ ...addresses, ...configuration }));
  const [, , ...options] = loadBackendImage.config.cmd ?? [];
  const server = spawn(envoy, ['--config-yaml', text, ...options], { stdio: 'ignore' });
  onTestFinished(() => void server.kill('SIGKILL'));
  const agent = new Agent({ connect: { socketPath: plain } });
  onTestFinished(() => agent.destroy());
  const overHttp1 = async (path: string): Promise<number> => {
    const { statusCode, body } = await request(`http://load.test${path}`, { dispatcher: agent });
    return statusCode === 200 ? (await body.arrayBuffer()).byteLength : NaN;
  };
  await vi.waitFor(() => overHttp1(healthPath), 20_000);
  return { plain, secure, overHttp1 };
}

/** Asks over HTTP/2, over a connection made so. */
async function overHttp2(connection: ReturnType<typeof connect>, path: string): Promise<number> {
  const session = http2.connect('http://load.test', { createConnection: () => connection });
  onTestFinished(() => session.destroy());
  const stream = session.request({ ':path': path });
  const [headers] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader];
  return headers[':status'] === 200 ? (await buffer(stream)).byteLength : NaN;
}

const sizes = [['/1k', defaultPayload] as const, ...Object.entries(payloads)];

test('the backend answers with as much as the path says, over HTTP/1.1 and HTTP/2', async () => {
  const { plain, overHttp1 } = await start();
  expect(await overHttp1('/any')).toBe(1024);
  for (const [path, bytes] of sizes) {
    expect(await overHttp1(path)).toBe(bytes);
    expect(await overHttp2(connect(plain), `/1${path}`)).toBe(bytes);
  }
});

test('with TLS of its own it speaks HTTP/2, and asks for a certificate if it is to', async () => {
  const [servers, clients] = await Promise.all([certificateAuthority('servers'), certificateAuthority('clients')]);
  const identity = await servers.issue({ name: 'load.test', usage: 'server' });
  const client = await clients.issue({ name: 'load', usage: 'client' });
  const { secure, overHttp1 } = await start({ tls: { identity, clientAuthority: clients.certificate } });
  const dial = (own: object): TLSSocket =>
    connectTls({ path: secure, servername: 'load.test', ca: servers.certificate, ALPNProtocols: ['h2'], ...own });
  expect(await overHttp2(dial({ cert: client.certificate, key: client.key }), '/4k')).toBe(4096);
  const stranger = dial({});
  const [error] = (await once(stranger, 'error')) as [Error];
  expect(error.message).toContain('certificate required');
  // Without TLS it is there all the same, for the gateway.
  expect(await overHttp1('/4k')).toBe(4096);
});

test('calls of gRPC it answers with a message, its status and its trailers', async () => {
  const { plain } = await start({ answers: 'grpc' });
  // As the gateway passes it on: clients of gRPC would not send another content type than their own.
  const session = http2.connect('http://load.test', { createConnection: () => connect(plain) });
  onTestFinished(() => session.destroy());
  for (const [path, bytes] of sizes) {
    const headers = { ':method': 'POST', ':path': `/gauntlet.Load${path}`, 'content-type': bridgedContentType, te: 'trailers' };
    const stream = session.request(headers);
    stream.end(grpcFrame(0));
    const trailers = once(stream, 'trailers');
    const [answer] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders];
    expect(answer).toMatchObject({ ':status': 200, 'content-type': 'application/grpc' });
    const body = await buffer(stream);
    expect(body).toEqual(grpcFrame(bytes));
    expect(body).toHaveLength(grpcPrefixBytes + bytes);
    expect((await trailers)[0]).toMatchObject({ 'grpc-status': '0' });
  }
});
