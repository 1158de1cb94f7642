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
import { extAuthzKind } from './ext-authz/server.ts';
import type { EchoDescription } from './echo/behaviour.ts';
import type { Fault } from './instance/fault.ts';
import { Instance } from './instance/instance.ts';

/*
 * The peers behind the Envoy that gateways run: the client that counts most, and that nobody here wrote.
 */

let folder: string;
let envoy: ChildProcess;
let agent: Agent;
let echo: Instance;
let extAuthz: Instance;

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

function configuration(): object {
  const extAuthzFilter = {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz',
    transport_api_version: 'V3',
    grpc_service: { envoy_grpc: { cluster_name: 'ext-authz' }, timeout: requestTimeout },
  };
  const toCluster = (prefix: string, name: string): object => ({ match: { prefix }, route: { cluster: name, timeout: requestTimeout } });
  const manager = {
    '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    stat_prefix: 'peers',
    route_config: { virtual_hosts: [{ name: 'all', domains: ['*'], routes: [toCluster('/h2', 'echo-h2'), toCluster('/', 'echo')] }] },
    http_filters: [
      { name: 'envoy.filters.http.ext_authz', typed_config: extAuthzFilter },
      {
        name: 'envoy.filters.http.router',
        typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
      },
    ],
  };
  return {
    static_resources: {
      listeners: [
        {
          name: 'main',
          address: { pipe: { path: join(folder, 'envoy.sock') } },
          filter_chains: [{ filters: [{ name: 'envoy.filters.network.http_connection_manager', typed_config: manager }] }],
        },
      ],
      clusters: [cluster('echo', echo.port, false), cluster('echo-h2', echo.port, true), cluster('ext-authz', extAuthz.port, true)],
    },
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

let lastId = 0;

async function send(path: string, headers: Record<string, string> = {}): Promise<Answer & { readonly id: string }> {
  lastId += 1;
  const id = `id-${lastId}`;
  const answer = await request(`http://gateway.test${path}`, { dispatcher: agent, headers: { 'x-gauntlet-id': id, ...headers } });
  return { id, status: answer.statusCode, headers: answer.headers, body: await answer.body.text() };
}

const allowed = { 'x-ext-authz': 'allow' };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gauntlet-envoy-'));
  echo = await Instance.open(echoKind, {}, { name: 'echo', ...open });
  extAuthz = await Instance.open(extAuthzKind, {}, { name: 'ext-authz', ...open });
  await using toolchain = Toolchain.open({ cacheDirectory: process.env['GAUNTLET_CACHE'] ?? join(homedir(), '.cache', 'gauntlet') });
  const tool = await toolchain.resolve('envoy');
  const path = join(folder, 'envoy.json');
  await writeFile(path, JSON.stringify(configuration()));
  envoy = spawn(tool.file(), ['-c', path, '--use-dynamic-base-id', '--concurrency', '1', '--log-level', 'error'], { stdio: 'inherit' });
  agent = new Agent({ connect: { socketPath: join(folder, 'envoy.sock') } });
  const answers = (): Promise<boolean> =>
    send('/').then(
      ({ status }) => status === 403,
      () => false,
    );
  await vi.waitUntil(answers, { timeout: 30_000 });
});

afterAll(async () => {
  await agent.destroy();
  const ended = once(envoy, 'exit');
  envoy.kill('SIGKILL');
  await ended;
  await extAuthz[Symbol.asyncDispose]();
  await echo[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

beforeEach(() => {
  echo.program({});
  extAuthz.program({});
});

afterEach(async () => {
  await echo.setFault('none');
  await extAuthz.setFault('none');
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

it('curl reads the echo over both versions of HTTP', async () => {
  const url = `http://127.0.0.1:${echo.port}/curl`;
  const answers = await Promise.all(
    [['--http1.1'], ['--http2-prior-knowledge'], ['--http1.0']].map((flags) => promisify(execFile)('curl', ['-sSf', ...flags, url])),
  );
  const protocols = answers.map(({ stdout }) => (JSON.parse(stdout) as EchoDescription).protocol);
  expect(protocols).toEqual(['HTTP/1.1', 'HTTP/2.0', 'HTTP/1.0']);
});
