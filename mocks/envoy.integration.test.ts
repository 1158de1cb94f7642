// SPDX-License-Identifier: Apache-2.0
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Agent, request } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Toolchain } from '../harness/toolchain/toolchain.ts';
import { echoKind } from './echo/server.ts';
import { extAuthzHttpKind } from './ext-authz-http/server.ts';
import { extAuthzKind } from './ext-authz/server.ts';
import { extProcKind } from './ext-proc/server.ts';
import type { EchoDescription } from './echo/behaviour.ts';
import type { Fault } from './instance/fault.ts';
import { Instance } from './instance/instance.ts';

/*
 * The peers behind the Envoy that gateways run: the client that counts most, and that nobody here wrote.
 */

let folder: string;
let envoy: ChildProcess;
let agents: Record<'main' | 'http' | 'proc', Agent>;
let echo: Instance;
let extAuthz: Instance;
let extAuthzHttp: Instance;
let extProc: Instance;

const open = { address: '127.0.0.1', ports: () => 0 };
const requestTimeout = '0.3s';

function cluster(name: string, port: number, isHttp2: boolean): object {
  const http2 = { explicit_http_config: { http2_protocol_options: {} } };
  return {
    name,
    type: 'STATIC',
    connect_timeout: '1s',
    load_assignment: {
      cluster_name: name,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: '127.0.0.1', port_value: port } } } }] }],
    },
    ...(isHttp2 && {
      typed_extension_protocol_options: {
        'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
          '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
          ...http2,
        },
      },
    }),
  };
}

/** A listener on a socket of its own, with one filter in front of the echo. */
function listener(name: string, filter: object): object {
  const toCluster = (prefix: string, cluster: string): object => ({ match: { prefix }, route: { cluster, timeout: requestTimeout } });
  const manager = {
    '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    stat_prefix: name,
    route_config: { virtual_hosts: [{ name: 'all', domains: ['*'], routes: [toCluster('/h2', 'echo-h2'), toCluster('/', 'echo')] }] },
    http_filters: [
      { name: 'under-test', typed_config: filter },
      {
        name: 'envoy.filters.http.router',
        typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
      },
    ],
  };
  return {
    name,
    address: { pipe: { path: join(folder, `${name}.sock`) } },
    filter_chains: [{ filters: [{ name: 'envoy.filters.network.http_connection_manager', typed_config: manager }] }],
  };
}

function configuration(): object {
  const extAuthzType = 'type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz';
  const overGrpc = {
    '@type': extAuthzType,
    transport_api_version: 'V3',
    grpc_service: { envoy_grpc: { cluster_name: 'ext-authz' }, timeout: requestTimeout },
  };
  const overHttp = {
    '@type': extAuthzType,
    transport_api_version: 'V3',
    allowed_headers: { patterns: [{ prefix: 'x-' }] },
    with_request_body: { max_request_bytes: 16 },
    http_service: {
      server_uri: { uri: 'http://authz.test', cluster: 'ext-authz-http', timeout: requestTimeout },
      authorization_response: { allowed_upstream_headers: { patterns: [{ prefix: 'x-ext-authz' }] } },
    },
  };
  const processing = {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor',
    grpc_service: { envoy_grpc: { cluster_name: 'ext-proc' } },
    message_timeout: requestTimeout,
    processing_mode: { request_body_mode: 'BUFFERED', response_body_mode: 'BUFFERED' },
  };
  return {
    static_resources: {
      listeners: [listener('main', overGrpc), listener('http', overHttp), listener('proc', processing)],
      clusters: [
        cluster('echo', echo.port, false),
        cluster('echo-h2', echo.port, true),
        cluster('ext-authz', extAuthz.port, true),
        cluster('ext-authz-http', extAuthzHttp.port, false),
        cluster('ext-proc', extProc.port, true),
      ],
    },
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

let lastId = 0;

interface Sending {
  readonly to?: keyof typeof agents;
  /** Sent by POST. */
  readonly body?: string;
}

async function send(
  path: string,
  headers: Record<string, string> = {},
  { to = 'main', body }: Sending = {},
): Promise<Answer & { readonly id: string }> {
  lastId += 1;
  const id = `id-${lastId}`;
  const answer = await request(`http://gateway.test${path}`, {
    dispatcher: agents[to],
    headers: { 'x-gauntlet-id': id, ...headers },
    ...(body === undefined ? {} : { method: 'POST', body }),
  });
  return { id, status: answer.statusCode, headers: answer.headers, body: await answer.body.text() };
}

const allowed = { 'x-ext-authz': 'allow' };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gauntlet-envoy-'));
  echo = await Instance.open(echoKind, {}, { name: 'echo', ...open });
  extAuthz = await Instance.open(extAuthzKind, {}, { name: 'ext-authz', ...open });
  extAuthzHttp = await Instance.open(extAuthzHttpKind, {}, { name: 'ext-authz-http', ...open });
  extProc = await Instance.open(extProcKind, {}, { name: 'ext-proc', ...open });
  await using toolchain = Toolchain.open({ cacheDirectory: process.env['GAUNTLET_CACHE'] ?? join(homedir(), '.cache', 'gauntlet') });
  const tool = await toolchain.resolve('envoy');
  const path = join(folder, 'envoy.json');
  await writeFile(path, JSON.stringify(configuration()));
  envoy = spawn(tool.file(), ['-c', path, '--use-dynamic-base-id', '--concurrency', '1', '--log-level', 'error'], { stdio: 'inherit' });
  const agentOf = (name: string): Agent => new Agent({ connect: { socketPath: join(folder, `${name}.sock`) } });
  agents = { main: agentOf('main'), http: agentOf('http'), proc: agentOf('proc') };
  const answers = (): Promise<boolean> =>
    send('/').then(
      ({ status }) => status === 403,
      () => false,
    );
  await vi.waitUntil(answers, { timeout: 30_000 });
});

afterAll(async () => {
  await Promise.all(Object.values(agents).map((agent) => agent.destroy()));
  const ended = once(envoy, 'exit');
  envoy.kill('SIGKILL');
  await ended;
  await Promise.all([extAuthz, extAuthzHttp, extProc].map((peer) => peer[Symbol.asyncDispose]()));
  await echo[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

beforeEach(() => {
  echo.program({});
  for (const peer of [extAuthz, extAuthzHttp, extProc]) peer.program({});
});

afterEach(async () => {
  await echo.setFault('none');
  for (const peer of [extAuthz, extAuthzHttp, extProc]) await peer.setFault('none');
});

describe.each(['/h1', '/h2'])('Envoy, to the echo by %s', (path) => {
  it('lets through what the authorization server allows, with its header in place of a forged one', async () => {
    const { id, status, body } = await send(path, { ...allowed, 'x-ext-authz-check-result': 'forged' });
    expect(status).toBe(200);
    const description = JSON.parse(body) as EchoDescription;
    expect(description).toMatchObject({ id, path, host: 'gateway.test', protocol: path === '/h2' ? 'HTTP/2.0' : 'HTTP/1.1' });
    expect(description.headers['x-ext-authz-check-result']).toEqual(['allowed']);
    expect(echo.arrivals(id)).toHaveLength(1);
    expect(extAuthz.arrivals(id)).toMatchObject([{ path, host: 'gateway.test' }]);
  });

  it('denies what it denies, before the echo sees it', async () => {
    const { id, status, headers, body } = await send(path);
    expect(status).toBe(403);
    expect(headers).toMatchObject({ 'x-ext-authz-check-result': 'denied' });
    expect(body).toBe('denied by ext_authz\n');
    expect(extAuthz.arrivals(id)).toHaveLength(1);
    expect(echo.arrivals(id)).toEqual([]);
  });

  it('takes headers off, and answers a denial, as programmed', async () => {
    extAuthz.program({ removeHeaders: ['x-secret'], deniedStatus: 401, deniedBody: 'no' });
    const { body } = await send(path, { ...allowed, 'x-secret': '1' });
    expect((JSON.parse(body) as EchoDescription).headers).not.toHaveProperty('x-secret');
    expect(await send(path)).toMatchObject({ status: 401, body: 'no' });
  });

  it.each<Fault>(['refuse', 'reset', 'hang', 'half-close', 'malformed', { status: 500 }, { status: 503 }, { slow: { bytesPerSecond: 1 } }])(
    'denies when the authorization server fails by %j',
    async (fault) => {
      await extAuthz.setFault(fault);
      const { id, status } = await send(path, allowed);
      expect(status).toBe(403);
      expect(echo.arrivals(id)).toEqual([]);
      await extAuthz.setFault('none');
      // Envoy may send once more on the connection that was cut.
      await expect.poll(async () => (await send(path, allowed)).status).toBe(200);
    },
  );

  it.each<[Fault, number]>([
    ['refuse', 503],
    ['reset', 503],
    ['hang', 504],
    ['half-close', 503],
    ['malformed', path === '/h2' ? 503 : 502],
    [{ status: 500 }, 500],
    [{ status: 503 }, 503],
  ])('meets an echo that fails by %j with %i', async (fault, expected) => {
    await echo.setFault(fault);
    const { id, status } = await send(path, allowed);
    expect(status).toBe(expected);
    expect(echo.arrivals(id)).toEqual([]);
  });
});

describe('Envoy, asking the authorization server over HTTP', () => {
  const to = 'http' as const;

  it('lets through what it allows, with its header, and shows it the body', async () => {
    const { id, status } = await send('/a', allowed, { to, body: 'hello' });
    expect(status).toBe(200);
    expect(echo.arrivals(id)).toMatchObject([{ headers: { 'x-ext-authz-check-result': ['allowed'] } }]);
    expect(extAuthzHttp.arrivals(id)).toMatchObject([{ method: 'POST', path: '/a', host: 'gateway.test', body: 'hello' }]);
  });

  it('gives the client the answer of a denial, before the echo sees the request', async () => {
    extAuthzHttp.program({ deniedStatus: 401, deniedHeaders: { 'www-authenticate': 'Basic' }, deniedBody: 'who?' });
    const { id, status, headers, body } = await send('/a', {}, { to });
    expect({ status, body }).toEqual({ status: 401, body: 'who?' });
    expect(headers).toMatchObject({ 'www-authenticate': 'Basic' });
    expect(extAuthzHttp.arrivals(id)).toHaveLength(1);
    expect(echo.arrivals(id)).toEqual([]);
  });

  it.each<Fault>(['refuse', 'reset', 'hang', 'half-close', 'malformed', { status: 503 }])('denies when it fails by %j', async (fault) => {
    await extAuthzHttp.setFault(fault);
    const { id, status } = await send('/a', allowed, { to });
    expect(status).toBe(403);
    expect(echo.arrivals(id)).toEqual([]);
  });
});

describe('Envoy, showing exchanges to the external processor', () => {
  const to = 'proc' as const;

  it('leaves everything as it is by default', async () => {
    const { id, status, body } = await send('/a?b', { 'x-a': '1' }, { to, body: 'hello' });
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ id, path: '/a?b', headers: { 'x-a': ['1'], 'content-length': ['5'] } });
    expect(extProc.arrivals(id)).toMatchObject([{ method: 'POST', path: '/a?b', host: 'gateway.test', headers: { 'x-a': ['1'] } }]);
  });

  it('changes the headers of both ways as programmed', async () => {
    extProc.program({
      requestHeaders: { set: { 'x-a': 'changed', 'x-new': 'n' }, remove: ['x-b'] },
      responseHeaders: { set: { 'x-answer': 'changed' }, remove: ['x-gauntlet-peer'] },
    });
    const { id, headers } = await send('/a', { 'x-a': '1', 'x-b': '2' }, { to });
    const [arrival] = echo.arrivals(id);
    expect(arrival?.headers).toMatchObject({ 'x-a': ['changed'], 'x-new': ['n'] });
    expect(arrival?.headers).not.toHaveProperty('x-b');
    expect(headers).toMatchObject({ 'x-answer': 'changed' });
    expect(headers).not.toHaveProperty('x-gauntlet-peer');
  });

  it('replaces the bodies of both ways as programmed', async () => {
    extProc.program({ requestBody: 'longer than before', responseBody: 'replaced' });
    const { id, body } = await send('/a', {}, { to, body: 'short' });
    expect(body).toBe('replaced');
    expect(echo.arrivals(id)[0]?.headers).toMatchObject({ 'content-length': ['18'] });
  });

  it.each([['requestHeaders'], ['requestBody'], ['responseHeaders']] as const)('answers the client itself at the %s', async (at) => {
    extProc.program({ immediate: { at, status: 418, headers: { 'x-tea': 'pot' }, body: 'short and stout' } });
    const { id, status, headers, body } = await send('/a', {}, { to, body: 'hello' });
    expect({ status, body }).toEqual({ status: 418, body: 'short and stout' });
    expect(headers).toMatchObject({ 'x-tea': 'pot' });
    expect(echo.arrivals(id)).toHaveLength(at === 'responseHeaders' ? 1 : 0);
  });

  it.each([
    ['a status in place of an answer', { failure: { at: 'requestHeaders', code: 13 } }, 500],
    ['an answer out of turn', { confuse: 'requestHeaders' }, 500],
    ['no answer in time', { delayMs: 3_600_000 }, 504],
  ])('fails closed when it gets %s', async (_what, behaviour, expected) => {
    extProc.program(behaviour);
    const { id, status } = await send('/a', {}, { to });
    expect(status).toBe(expected);
    expect(extProc.arrivals(id)).toHaveLength(1);
    expect(echo.arrivals(id)).toEqual([]);
  });

  it.each<Fault>(['refuse', 'reset', 'half-close', 'malformed', { status: 503 }])('fails closed under %j', async (fault) => {
    await extProc.setFault(fault);
    const { id, status } = await send('/a', {}, { to });
    expect(status).toBe(500);
    expect(echo.arrivals(id)).toEqual([]);
  });
});

it('curl reads the echo over both versions of HTTP', async () => {
  const url = `http://127.0.0.1:${echo.port}/curl`;
  const answers = await Promise.all(
    [['--http1.1'], ['--http2-prior-knowledge'], ['--http1.0']].map((flags) => promisify(execFile)('curl', ['-sSf', ...flags, url])),
  );
  const protocols = answers.map(({ stdout }) => (JSON.parse(stdout) as EchoDescription).protocol);
  expect(protocols).toEqual(['HTTP/1.1', 'HTTP/2.0', 'HTTP/1.0']);
});
