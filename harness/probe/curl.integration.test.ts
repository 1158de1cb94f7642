// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seconds } from '../units.ts';
import { createProbe } from './client.ts';
import { curlCommand, type CurlFiles } from './curl.ts';
import type { ProbeRequest } from './exchange.ts';
import {
  createAuthority,
  h2cServer,
  h2Server,
  httpServer,
  httpsServer,
  tcpServer,
  type TestAuthority,
  type TestServer,
} from './test-servers.ts';

const probe = createProbe({ timeout: seconds(10) });
let authority: TestAuthority;
let directory = '';
let files: Required<CurlFiles>;

beforeAll(async () => {
  authority = await createAuthority('curl');
  directory = await mkdtemp(join(tmpdir(), 'gauntlet curl '));
  const paths = { ca: join(directory, 'ca.pem'), certificate: join(directory, 'client.pem'), key: join(directory, 'client-key.pem') };
  const secret = join(directory, 'authorization.header');
  await writeFile(paths.ca, authority.ca);
  await writeFile(paths.certificate, authority.client.certificate);
  await writeFile(paths.key, authority.client.key);
  await writeFile(secret, 'authorization: Bearer secret\n');
  files = { ...paths, headers: { authorization: secret } };
});

afterAll(async () => {
  await probe[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

/** What a server can tell of a request, without what names the client itself. */
function seen(request: IncomingMessage | Http2ServerRequest): string {
  const headers = Object.entries(request.headers).filter(([name]) => !['user-agent', 'accept', 'connection'].includes(name));
  const { servername } = request.socket as { servername?: string };
  return JSON.stringify([request.method, request.url, request.httpVersion, servername, headers.sort()]);
}

/** Sends a request by the probe and by the command for it, and gives what the server saw of each. */
async function bothWays(server: TestServer, request: ProbeRequest): Promise<[string | undefined, string | undefined]> {
  const exchange = await probe.send(server.endpoint, request);
  const { stdout } = await execa('sh', ['-c', curlCommand(exchange, files)]);
  return [exchange.response?.body, stdout.split(/\r?\n\r?\n/).at(-1)];
}

const request = {
  host: 'a.test',
  path: '//x/../y?a=b&c=[d]{e}',
  headers: { Authorization: 'Bearer secret', 'X-Quote': `it's "so" $HOME`, 'X-Empty': '', 'X-Bytes': Buffer.from('é%').toString('latin1') },
} satisfies ProbeRequest;
const tls = () => ({ ca: authority.ca, certificate: authority.client.certificate, key: authority.client.key });
const serverTls = () => ({
  cert: authority.server.certificate,
  key: authority.server.key,
  ca: authority.ca,
  requestCert: true,
  rejectUnauthorized: true,
});

test('HTTP/1.1', async () => {
  await using server = await httpServer((received, response) => response.end(seen(received)));
  const [sent, repeated] = await bothWays(server, request);
  expect(sent).toContain('"a.test"');
  expect(repeated).toBe(sent);
});

test.each<[string, ProbeRequest]>([
  ['HTTP/1.0', { ...request, protocol: 'http/1.0' }],
  ['HTTP/1.0 without a Host', { path: '/x', protocol: 'http/1.0' }],
])('%s', async (_, old) => {
  await using server = await httpServer((received, response) => response.end(seen(received)));
  const [sent, repeated] = await bothWays(server, old);
  expect(sent).toContain('"1.0"');
  expect(repeated).toBe(sent);
});

test('a PROXY header', async () => {
  const headers: string[] = [];
  await using server = await tcpServer((socket) =>
    socket.once('data', (first: Buffer) => {
      headers.push(/^PROXY TCP4 [\d.]+ 127\.0\.0\.1 \d+ \d+\r\n(?:GET|$)/.exec(first.toString())?.[0].slice(0, 10) ?? first.toString());
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    }),
  );
  await bothWays(server, { host: 'a.test', proxyProtocol: { version: 1, source: '127.0.0.1' } });
  expect(headers).toEqual(['PROXY TCP4', 'PROXY TCP4']);
});

test('a body', async () => {
  await using server = await httpServer((received, response) => {
    received.on('data', (chunk: Buffer) => response.write(chunk));
    received.on('end', () => response.end(seen(received)));
  });
  const [sent, repeated] = await bothWays(server, { ...request, method: 'POST', body: `{"it's": "so"} ` });
  expect(sent).toContain(`{"it's": "so"} ["POST"`);
  expect(repeated).toBe(sent);
});

test('a body that is no text', async () => {
  await using server = await httpServer((received, response) => {
    const hash = createHash('sha256');
    received.on('data', (chunk: Buffer) => hash.update(chunk));
    received.on('end', () => response.end(hash.digest('hex')));
  });
  const bytes = Buffer.from([0x1f, 0x8b, 0x00, 0xff, 0x0a]);
  const [sent, repeated] = await bothWays(server, { ...request, method: 'POST', body: bytes.toString('base64'), bodyEncoding: 'base64' });
  expect(sent).toBe(createHash('sha256').update(bytes).digest('hex'));
  expect(repeated).toBe(sent);
});

test('HTTP/1.1 over TLS with a client certificate', async () => {
  await using server = await httpsServer(serverTls(), (received, response) => response.end(seen(received)));
  const [sent, repeated] = await bothWays(server, { ...request, tls: tls() });
  expect(sent).toContain('"1.1","a.test"');
  expect(repeated).toBe(sent);
});

test('a server name other than the host', async () => {
  await using server = await httpsServer(serverTls(), (received, response) => response.end(seen(received)));
  const [sent, repeated] = await bothWays(server, { ...request, host: 'other.test', tls: { ...tls(), serverName: 'a.test' } });
  expect(sent).toContain('["host","other.test"]');
  expect(repeated).toBe(sent);
});

test.each(['with', 'without'])('HTTP/2 %s TLS', async (how) => {
  const listener = (received: Http2ServerRequest, response: { end: (text: string) => unknown }): unknown => response.end(seen(received));
  await using server = how === 'with' ? await h2Server(serverTls(), listener) : await h2cServer(listener);
  const [sent, repeated] = await bothWays(server, { ...request, protocol: 'h2', ...(how === 'with' ? { tls: tls() } : {}) });
  expect(sent).toContain('"2.0"');
  expect(repeated).toBe(sent);
});
