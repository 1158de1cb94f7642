// SPDX-License-Identifier: Apache-2.0
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { milliseconds, seconds } from '../units.ts';
import { createKube } from './client.ts';
import { FakeApiServer, json, status, type Responder } from './fake-api-server.ts';
import type { Kube, Resource } from './kube.ts';
import { describeState } from './wait.ts';

const reference = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', name: 'g', namespace: 'n' };

function gateway(programmed: boolean, uid = '1'): Resource {
  const conditions = [
    { type: 'Programmed', status: programmed ? 'True' : 'False', reason: 'Because', message: 'it said so', observedGeneration: 2 },
  ];
  return { apiVersion: reference.apiVersion, kind: 'Gateway', metadata: { name: 'g', generation: 2, uid }, status: { conditions } };
}

const isProgrammed = (resource: Resource | undefined): boolean => describeState(resource).includes('Programmed=True');
const list = (response: ServerResponse, ...items: Resource[]): true => json(response, 200, { metadata: { resourceVersion: '7' }, items });
const event = (type: string, object: unknown): string => `${JSON.stringify({ type, object })}\n`;

async function withServer<T>(respond: Responder, use: (kube: Kube, server: FakeApiServer) => Promise<T>): Promise<T> {
  await using server = await FakeApiServer.start((request, response) =>
    request.url.pathname.endsWith('/gateways') ? respond(request, response) : undefined,
  );
  await using kube = createKube({ kubeconfig: server.kubeconfig });
  return await use(kube, server);
}

describe('waitFor', () => {
  it('returns at once what already holds', async () => {
    await withServer(
      (_, response) => list(response, gateway(true)),
      async (kube, server) => {
        await kube.waitFor(reference, 'to be programmed', isProgrammed, seconds(10));
        expect(server.requests('GET', '/gateways').map((request) => request.url.searchParams.get('watch'))).toEqual([null]);
      },
    );
  });

  it('watches from the list on, one object only', async () => {
    await withServer(
      (request, response) => {
        if (request.url.searchParams.get('watch') === null) return list(response, gateway(false));
        response.write(event('MODIFIED', gateway(false)).slice(0, 20));
        response.write(event('MODIFIED', gateway(false)).slice(20));
        return response.write(event('MODIFIED', gateway(true)));
      },
      async (kube, server) => {
        expect(await kube.waitFor(reference, 'to be programmed', isProgrammed, seconds(10))).toEqual(gateway(true));
        expect(Object.fromEntries(server.requests('GET', '/gateways')[1]?.url.searchParams ?? [])).toMatchObject({
          fieldSelector: 'metadata.name=g',
          resourceVersion: '7',
        });
      },
    );
  });

  it.each<[string, (response: ServerResponse) => unknown]>([
    ['that is dropped', (response) => response.destroy()],
    ['that is ended by the server', (response) => response.end()],
    ['that is dropped in the middle of an event', (response) => response.write('{"type":"MODI', () => response.destroy())],
    ['that says 410 Gone in an event', (response) => response.write(event('ERROR', { code: 410, reason: 'Expired' }))],
    ['that is refused with 410 Gone', (response) => status(response, 410, 'too old resource version')],
    ['that is refused with 500', (response) => status(response, 500, 'etcdserver: leader changed')],
  ])('lists again after a watch %s', async (_, fail) => {
    let lists = 0;
    await withServer(
      (request, response) => {
        if (request.url.searchParams.get('watch') !== null) return fail(response) ?? true;
        lists += 1;
        return list(response, gateway(lists > 1));
      },
      async (kube) => {
        await kube.waitFor(reference, 'to be programmed', isProgrammed, seconds(10));
        expect(lists).toBe(2);
      },
    );
  });

  it('waits for a kind that is still to come', async () => {
    let asked = 0;
    await using server = await FakeApiServer.start((request, response) => {
      if (request.url.pathname === '/apis/late.test/v1') {
        asked += 1;
        return asked > 2 ? json(response, 200, { resources: [{ name: 'lates', kind: 'Late', namespaced: true }] }) : undefined;
      }
      return request.url.pathname.endsWith('/lates') ? list(response, gateway(true)) : undefined;
    });
    await using kube = createKube({ kubeconfig: server.kubeconfig });
    await kube.waitFor(
      { ...reference, apiVersion: 'late.test/v1', kind: 'Late' },
      'to exist',
      (resource) => resource !== undefined,
      seconds(10),
    );
    expect(asked).toBe(3);
  });

  it('says what was seen last when time is up', async () => {
    await withServer(
      (request, response) => (request.url.searchParams.get('watch') === null ? list(response, gateway(false)) : 'a watch without events'),
      async (kube) => {
        await expect(kube.waitFor(reference, 'to be programmed', isProgrammed, milliseconds(100))).rejects.toMatchObject({
          code: 'GAUNTLET_TIMEOUT',
          message:
            'Waited 100 ms for Gateway n/g to be programmed; last seen: generation 2, Programmed=False (Because: it said so) observed 2',
        });
      },
    );
  });

  it('does not wait for what will never heal', async () => {
    await withServer(
      (_, response) => status(response, 403, 'gateways is forbidden'),
      async (kube) => {
        await expect(kube.waitFor(reference, 'to be programmed', isProgrammed, seconds(10))).rejects.toMatchObject({
          code: 'GAUNTLET_API',
          status: 403,
        });
      },
    );
  });

  it('lets an error of the condition through', async () => {
    await withServer(
      (_, response) => list(response, gateway(true)),
      async (kube) => {
        const broken = (): boolean => {
          throw new TypeError('defect of the check');
        };
        await expect(kube.waitFor(reference, 'to be programmed', broken, seconds(10))).rejects.toThrow('defect of the check');
      },
    );
  });
});

describe('remove with a wait', () => {
  it('returns when the object is gone', async () => {
    await withServer(
      (request, response) => {
        if (request.url.searchParams.get('watch') === null) return list(response, gateway(true));
        return response.write(event('DELETED', gateway(true)));
      },
      async (kube) => {
        await expect(kube.remove(reference, { wait: seconds(10) })).resolves.toBeUndefined();
      },
    );
  });

  it('is not held up by a successor of the same name', async () => {
    await using server = await FakeApiServer.start((request, response) => {
      if (request.method === 'DELETE') return json(response, 200, { kind: 'Status', details: { uid: '1' } });
      return request.url.pathname.endsWith('/gateways') ? list(response, gateway(true, '2')) : undefined;
    });
    await using kube = createKube({ kubeconfig: server.kubeconfig });
    await expect(kube.remove(reference, { wait: seconds(10) })).resolves.toBeUndefined();
    expect(server.requests('GET', '/gateways')).toHaveLength(1);
  });
});

describe('watch', () => {
  it('tells everything there is each time that something changes, from a new list after what comes between', async () => {
    const named = (name: string, programmed: boolean): Resource => ({ ...gateway(programmed), metadata: { name } });
    let lists = 0;
    await withServer(
      (request, response) => {
        if (request.url.searchParams.get('watch') === null) {
          lists += 1;
          return lists === 1 ? list(response, named('a', false)) : list(response, named('c', true));
        }
        if (lists > 1) return true;
        response.write(event('ADDED', named('b', false)) + event('MODIFIED', named('a', true)));
        return response.write(event('DELETED', named('b', false)), () => response.destroy());
      },
      async (kube) => {
        const enough = new AbortController();
        const seen: string[] = [];
        for await (const objects of kube.watch(reference, 'n', enough.signal)) {
          seen.push(objects.map((object) => `${object.kind} ${object.metadata.name} ${isProgrammed(object)}`).join(', '));
          if (seen.length === 5) enough.abort();
        }
        expect(seen).toEqual([
          'Gateway a false',
          'Gateway a false, Gateway b false',
          'Gateway a true, Gateway b false',
          'Gateway a true',
          'Gateway c true',
        ]);
      },
    );
  });

  it('says what the API server refuses', async () => {
    await withServer(
      (_, response) => status(response, 403, 'not yours'),
      async (kube) => {
        const states = kube.watch(reference, 'n', new AbortController().signal);
        await expect(states[Symbol.asyncIterator]().next()).rejects.toThrow('not yours');
      },
    );
  });
});

describe('describeState', () => {
  it('finds conditions at any depth', () => {
    const route = {
      ...gateway(true),
      status: {
        parents: [{ conditions: [{ type: 'Accepted', status: 'True' }] }, { conditions: [{ type: 'ResolvedRefs', status: 'False' }] }],
      },
    };
    expect(describeState(route)).toBe('generation 2, Accepted=True, ResolvedRefs=False');
  });

  it('shows a status without conditions, none, and no object', () => {
    expect(describeState({ ...gateway(true), status: { phase: 'Running' } })).toBe('generation 2, status {"phase":"Running"}');
    expect(describeState({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } })).toBe('status absent');
    expect(describeState(undefined)).toBe('it does not exist');
  });
});
