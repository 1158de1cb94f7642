// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { AddressPool } from './address-pool.ts';
import { ApiStatusError, type WatchEvent } from './api-client.ts';
import { LoadBalancers, type Service, type ServicesApi } from './load-balancers.ts';

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

/** An API server with a list of Services and one watch. */
class FakeApi implements ServicesApi {
  readonly sent: Sent[] = [];
  readonly #services: readonly Service[];
  readonly #events: readonly WatchEvent<Service>[];
  refuseWith: number | undefined;

  constructor(services: readonly Service[], events: readonly WatchEvent<Service>[] = []) {
    this.#services = services;
    this.#events = events;
  }

  send<T>(method: string, path: string, body?: object): Promise<T> {
    if (method === 'GET') return Promise.resolve({ metadata: { resourceVersion: '7' }, items: this.#services } as T);
    this.sent.push({ method, path, body });
    if (this.refuseWith !== undefined) return Promise.reject(new ApiStatusError(method, path, this.refuseWith, ''));
    return Promise.resolve({} as T);
  }

  async *watch<T>(): AsyncGenerator<WatchEvent<T>> {
    yield* this.#events as readonly WatchEvent<T>[];
    await Promise.resolve();
  }
}

const service = (name: string, spec: Service['spec'], ip?: string): Service => ({
  metadata: { name, namespace: 'ns', uid: `uid-${name}` },
  spec,
  ...(ip === undefined ? {} : { status: { loadBalancer: { ingress: [{ ip }] } } }),
});
const balanced = (name: string, ip?: string): Service => service(name, { type: 'LoadBalancer' }, ip);
const ingressOf = (ip: string): unknown => ({ status: { loadBalancer: { ingress: [{ ip, ipMode: 'VIP' }] } } });

/** Lists, and follows the watch to its end. */
async function follow(api: FakeApi, cidr = '198.19.240.0/29'): Promise<string[]> {
  const log: string[] = [];
  await new LoadBalancers(api, new AddressPool(cidr), (line) => log.push(line)).follow();
  return log;
}

test('a Service of type LoadBalancer gets an address, others do not', async () => {
  const api = new FakeApi([
    balanced('a'),
    service('b', { type: 'ClusterIP' }),
    service('c', { type: 'LoadBalancer', loadBalancerClass: 'example.com/other' }),
  ]);
  await follow(api);
  expect(api.sent).toEqual([{ method: 'PATCH', path: '/api/v1/namespaces/ns/services/a/status', body: ingressOf('198.19.240.1') }]);
});

test('addresses that are in use after a restart stay where they are', async () => {
  const api = new FakeApi([balanced('new'), balanced('old', '198.19.240.1')]);
  await follow(api);
  expect(api.sent.map(({ path, body }) => [path, body])).toEqual([
    ['/api/v1/namespaces/ns/services/new/status', ingressOf('198.19.240.2')],
  ]);
});

test('a pool that is exhausted says so once, and the next address that is given back goes to who waits', async () => {
  const [first, second] = [balanced('first'), balanced('second')];
  const api = new FakeApi(
    [first, second],
    [
      { type: 'ADDED', object: balanced('third') },
      { type: 'MODIFIED', object: balanced('third') },
      { type: 'DELETED', object: first },
    ],
  );
  const log = await follow(api, '198.19.240.0/30');
  expect(api.sent.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'PATCH /api/v1/namespaces/ns/services/first/status',
    'PATCH /api/v1/namespaces/ns/services/second/status',
    'POST /api/v1/namespaces/ns/events',
    'PATCH /api/v1/namespaces/ns/services/third/status',
  ]);
  expect(api.sent[2]?.body).toMatchObject({ type: 'Warning', reason: 'NoLoadBalancerAddress', involvedObject: { name: 'third' } });
  expect(api.sent[3]?.body).toEqual(ingressOf('198.19.240.1'));
  expect(log).toContain('ns/third stays pending: every load balancer address is in use');
});

test('a Service that is no load balancer any more loses its address', async () => {
  const changed = service('a', { type: 'ClusterIP' }, '198.19.240.1');
  const api = new FakeApi([balanced('a', '198.19.240.1')], [{ type: 'MODIFIED', object: changed }]);
  await follow(api);
  expect(api.sent).toEqual([
    { method: 'PATCH', path: '/api/v1/namespaces/ns/services/a/status', body: { status: { loadBalancer: { ingress: [] } } } },
  ]);
});

test('a Service that is gone before its answer is no failure, a server that fails is', async () => {
  const api = new FakeApi([balanced('a')]);
  api.refuseWith = 404;
  expect(await follow(api)).toEqual(['ns/a has 198.19.240.1']);
  api.refuseWith = 500;
  await expect(follow(api)).rejects.toThrow(/PATCH .* 500/);
});
