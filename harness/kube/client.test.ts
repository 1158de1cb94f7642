// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKube } from './client.ts';
import { FakeApiServer, json, kubeconfigFor, status, type Responder } from './fake-api-server.ts';
import type { Kube } from './kube.ts';

const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'n' } };

async function withServer<T>(respond: Responder, use: (kube: Kube, server: FakeApiServer) => Promise<T>): Promise<T> {
  await using server = await FakeApiServer.start(respond);
  await using kube = createKube({ kubeconfig: server.kubeconfig });
  return await use(kube, server);
}

describe('apply', () => {
  it('is a strict server-side apply under the name gauntlet, with the credentials of the kubeconfig', async () => {
    await withServer(
      (request, response) => (request.method === 'PATCH' ? json(response, 200, { ...configMap, stored: true }) : undefined),
      async (kube, server) => {
        expect(await kube.apply({ ...configMap, data: { k: 'v' } })).toEqual({ ...configMap, stored: true });
        const [patch] = server.requests('PATCH', '/api/v1/namespaces/n/configmaps/a');
        expect(Object.fromEntries(patch?.url.searchParams ?? [])).toEqual({
          fieldManager: 'gauntlet',
          force: 'true',
          fieldValidation: 'Strict',
        });
        expect(patch?.headers).toMatchObject({ 'content-type': 'application/apply-patch+yaml', authorization: 'Bearer opaque' });
        expect(JSON.parse(patch?.body ?? '')).toEqual({ ...configMap, data: { k: 'v' } });
      },
    );
  });

  it('asks for validation only when told so, and leaves other owners their fields when told so', async () => {
    await withServer(
      (request, response) => (request.method === 'PATCH' ? json(response, 200, configMap) : undefined),
      async (kube, server) => {
        await kube.apply(configMap, { dryRun: true, force: false });
        expect(Object.fromEntries(server.requests('PATCH', '/a')[0]?.url.searchParams ?? [])).toMatchObject({
          dryRun: 'All',
          force: 'false',
        });
      },
    );
  });

  it('leaves the namespace away for a kind that has none, and takes default where one is missing', async () => {
    await withServer(
      (request, response) => (request.method === 'PATCH' ? json(response, 200, JSON.parse(request.body)) : undefined),
      async (kube, server) => {
        await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x', namespace: 'ignored' } });
        await kube.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'y' } });
        expect(JSON.parse(server.requests('PATCH', '/api/v1/namespaces/x')[0]?.body ?? '')).toMatchObject({ metadata: { name: 'x' } });
        expect(server.requests('PATCH', '/api/v1/namespaces/x')[0]?.body).not.toContain('ignored');
        expect(server.requests('PATCH', '/api/v1/namespaces/default/configmaps/y')).toHaveLength(1);
      },
    );
  });

  it('reports a refusal with the words of the server', async () => {
    await withServer(
      (request, response) => (request.method === 'PATCH' ? status(response, 422, 'spec.x: Invalid value') : undefined),
      async (kube) => {
        await expect(kube.apply(configMap)).rejects.toMatchObject({
          code: 'GAUNTLET_API',
          message: 'PATCH /api/v1/namespaces/n/configmaps/a was answered with 422: spec.x: Invalid value',
        });
      },
    );
  });

  it('tries again what the server was too busy for', async () => {
    let refusals = 2;
    await withServer(
      (request, response) => {
        if (request.method !== 'PATCH') return undefined;
        refusals -= 1;
        return refusals < 0 ? json(response, 200, configMap) : status(response, 429, 'too many requests');
      },
      async (kube) => expect(await kube.apply(configMap)).toEqual(configMap),
    );
  });
});

describe('get, list, remove, logs', () => {
  it('gets undefined for what does not exist', async () => {
    await withServer(
      () => undefined,
      async (kube) => expect(await kube.get({ ...configMap, name: 'a', namespace: 'n' })).toBeUndefined(),
    );
  });

  it('lists one namespace or all, by label, with kind and version in each item', async () => {
    await withServer(
      (request, response) =>
        request.url.pathname.endsWith('/configmaps') ? json(response, 200, { items: [{ metadata: { name: 'a' } }] }) : undefined,
      async (kube, server) => {
        expect(await kube.list(configMap, { namespace: 'n', labelSelector: 'a=b' })).toEqual([
          { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
        ]);
        await kube.list(configMap);
        expect(server.requests('GET', '/api/v1/namespaces/n/configmaps')[0]?.url.searchParams.get('labelSelector')).toBe('a=b');
        expect(server.requests('GET', '/api/v1/configmaps')).toHaveLength(1);
      },
    );
  });

  it('takes nothing to remove for success', async () => {
    await withServer(
      () => undefined,
      async (kube) => {
        await expect(kube.remove({ ...configMap, name: 'a' })).resolves.toBeUndefined();
      },
    );
  });

  it('asks for a token of an account, bound to a pod where one is named', async () => {
    await withServer(
      (request, response) => (request.method === 'POST' ? json(response, 201, { status: { token: 'opaque' } }) : undefined),
      async (kube, server) => {
        expect(await kube.token({ namespace: 'n', name: 'a' }, { audience: 'controller', pod: 'p' })).toBe('opaque');
        const [post] = server.requests('POST', '/api/v1/namespaces/n/serviceaccounts/a/token');
        expect(JSON.parse(post?.body ?? '')).toMatchObject({
          kind: 'TokenRequest',
          spec: { audiences: ['controller'], boundObjectRef: { kind: 'Pod', name: 'p' } },
        });
      },
    );
  });

  it('asks for logs since a whole second', async () => {
    await withServer(
      (request, response) => (request.url.pathname.endsWith('/log') ? response.end('line 1\nline 2\n') : undefined),
      async (kube, server) => {
        expect(await kube.logs({ namespace: 'n', name: 'p', container: 'c' }, { since: new Date(1500), previous: true })).toBe(
          'line 1\nline 2\n',
        );
        expect(Object.fromEntries(server.requests('GET', '/pods/p/log')[0]?.url.searchParams ?? [])).toEqual({
          container: 'c',
          sinceTime: '1970-01-01T00:00:01Z',
          previous: 'true',
        });
      },
    );
  });
});

describe('discovery', () => {
  it('asks once for many, and again for a kind that was not there', async () => {
    let served = false;
    await withServer(
      (request, response) => {
        if (request.url.pathname === '/apis/late.test/v1')
          return json(response, 200, { resources: served ? [{ name: 'lates', kind: 'Late', namespaced: true }] : [] });
        return request.url.pathname.endsWith('/lates/x') ? json(response, 200, { metadata: { name: 'x' } }) : undefined;
      },
      async (kube, server) => {
        const late = { apiVersion: 'late.test/v1', kind: 'Late', name: 'x' };
        await expect(kube.get(late)).rejects.toMatchObject({
          code: 'GAUNTLET_API',
          message: 'The server does not serve the kind Late of late.test/v1',
        });
        served = true;
        await Promise.all([kube.get(late), kube.get(late), kube.get(late)]);
        expect(server.requests('GET', '/apis/late.test/v1')).toHaveLength(2);
      },
    );
  });
});

describe('a kubeconfig that cannot be used', () => {
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'gauntlet-kubeconfig-'));
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  it.each([
    ['is not YAML', '{ not: [yaml', 'cannot be read'],
    ['names no cluster', '{"current-context":"gone"}', 'points nowhere: its current context gone names no cluster in it'],
    ['has a server that is no address', kubeconfigFor('nowhere'), 'its server is nowhere'],
  ])('%s', (name, content, message) => {
    const file = join(directory, name.replaceAll(' ', '-'));
    writeFileSync(file, content);
    expect(() => createKube({ kubeconfig: file })).toThrow(
      expect.objectContaining({ code: 'GAUNTLET_KUBECONFIG', message: expect.stringContaining(message) as string }) as Error,
    );
  });

  it('does not exist', () => {
    expect(() => createKube({ kubeconfig: join(directory, 'missing') })).toThrow('does not exist');
  });

  it('points to a server that does not answer', async () => {
    const server = await FakeApiServer.start(() => undefined);
    await using kube = createKube({ kubeconfig: server.kubeconfig });
    await server[Symbol.asyncDispose]();
    await expect(kube.list(configMap)).rejects.toMatchObject({
      code: 'GAUNTLET_KUBECONFIG',
      message: expect.stringContaining('ECONNREFUSED') as string,
    });
  });

  it('is not to blame for a server that answered before', async () => {
    const server = await FakeApiServer.start((request, response) =>
      request.url.pathname.endsWith('/configmaps') ? json(response, 200, { items: [] }) : undefined,
    );
    await using kube = createKube({ kubeconfig: server.kubeconfig });
    await kube.list(configMap);
    await server[Symbol.asyncDispose]();
    await expect(kube.list(configMap)).rejects.toMatchObject({ code: 'GAUNTLET_API' });
  });
});

it('ends what is under way when it is interrupted', async () => {
  const interruption = new AbortController();
  await using server = await FakeApiServer.start((request) => {
    if (!request.url.pathname.endsWith('/configmaps')) return undefined;
    interruption.abort();
    return 'never answered';
  });
  await using kube = createKube({ kubeconfig: server.kubeconfig, signal: interruption.signal });
  await expect(kube.list(configMap)).rejects.toMatchObject({ code: 'GAUNTLET_INTERRUPTED' });
});
