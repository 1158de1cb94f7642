// SPDX-License-Identifier: Apache-2.0
import type { AddressPool } from './address-pool.ts';
import { ApiStatusError, type ApiClient } from './api-client.ts';

/** The part of the API client that is used here. */
export type ServicesApi = Pick<ApiClient, 'send' | 'watch'>;

/** What matters of a Service here. */
export interface Service {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string; readonly resourceVersion?: string };
  readonly spec: { readonly type?: string; readonly loadBalancerIP?: string; readonly loadBalancerClass?: string };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } };
}

/**
 * Gives each Service of type LoadBalancer an address; kube-proxy does the rest, from pods and from the node itself. A Service of another
 * load balancer class is left alone. When no address is left the Service stays pending with an Event that says so, and gets the next one
 * that is given back.
 */
export class LoadBalancers {
  readonly #api: ServicesApi;
  readonly #pool: AddressPool;
  readonly #log: (line: string) => void;
  readonly #pending = new Map<string, Service>();

  constructor(api: ServicesApi, pool: AddressPool, log: (line: string) => void) {
    this.#api = api;
    this.#pool = pool;
    this.#log = log;
  }

  /** Lists the Services and follows their changes until the server ends the watch; whoever calls it does so again. */
  async follow(): Promise<void> {
    const list = await this.#api.send<{ metadata: { resourceVersion: string }; items: Service[] }>('GET', '/api/v1/services');
    await this.#relist(list.items);
    const path = `/api/v1/services?watch=1&allowWatchBookmarks=true&resourceVersion=${list.metadata.resourceVersion}`;
    for await (const { type, object } of this.#api.watch<Service>(path)) {
      if (type === 'ERROR') return;
      if (type === 'DELETED') await this.#release(object.metadata.uid);
      else if (type !== 'BOOKMARK') await this.#serve(object);
    }
  }

  /** Takes a whole list as the truth: addresses that are in use are kept, those of Services that are gone are given back. */
  async #relist(services: readonly Service[]): Promise<void> {
    const balanced = services.filter(isBalanced);
    for (const service of balanced) {
      const inUse = addressOf(service);
      if (inUse !== undefined) this.#pool.take(service.metadata.uid, inUse);
    }
    const uids = new Set(balanced.map((service) => service.metadata.uid));
    for (const holder of this.#pool.holders) if (!uids.has(holder)) this.#pool.release(holder);
    for (const uid of this.#pending.keys()) if (!uids.has(uid)) this.#pending.delete(uid);
    for (const service of services) await this.#serve(service);
  }

  async #serve(service: Service): Promise<void> {
    const { uid, namespace, name } = service.metadata;
    if (!isBalanced(service)) {
      if (this.#pool.holders.includes(uid) || this.#pending.has(uid)) await this.#release(uid, service);
      return;
    }
    const address = this.#pool.take(uid, service.spec.loadBalancerIP);
    if (address === undefined) return this.#refuse(service);
    this.#pending.delete(uid);
    if (addressOf(service) === address) return;
    await this.#setIngress(service, [{ ip: address, ipMode: 'VIP' }]);
    this.#log(`${namespace}/${name} has ${address}`);
  }

  async #release(uid: string, stillThere?: Service): Promise<void> {
    this.#pending.delete(uid);
    this.#pool.release(uid);
    if (stillThere !== undefined && addressOf(stillThere) !== undefined) await this.#setIngress(stillThere, []);
    for (const service of [...this.#pending.values()]) await this.#serve(service);
  }

  async #refuse(service: Service): Promise<void> {
    const { uid, namespace, name } = service.metadata;
    if (this.#pending.has(uid)) return;
    this.#pending.set(uid, service);
    const wanted = service.spec.loadBalancerIP;
    const message =
      wanted === undefined ? 'every load balancer address is in use' : `the address ${wanted} is in use or not one of the cluster's`;
    this.#log(`${namespace}/${name} stays pending: ${message}`);
    await this.#unlessGone(() => this.#api.send('POST', `/api/v1/namespaces/${namespace}/events`, noAddressEvent(service, message)));
  }

  async #setIngress(service: Service, ingress: readonly object[]): Promise<void> {
    const { namespace, name } = service.metadata;
    const path = `/api/v1/namespaces/${namespace}/services/${name}/status`;
    await this.#unlessGone(() => this.#api.send('PATCH', path, { status: { loadBalancer: { ingress } } }, 'application/merge-patch+json'));
  }

  /** A Service may be deleted between the event and the answer to it; its own event follows. */
  async #unlessGone(send: () => Promise<unknown>): Promise<void> {
    try {
      await send();
    } catch (error) {
      if (!(error instanceof ApiStatusError) || (error.status !== 404 && error.status !== 403)) throw error;
    }
  }
}

const isBalanced = (service: Service): boolean => service.spec.type === 'LoadBalancer' && service.spec.loadBalancerClass === undefined;

const addressOf = (service: Service): string | undefined => service.status?.loadBalancer?.ingress?.[0]?.ip;

function noAddressEvent(service: Service, message: string): object {
  const { name, namespace, uid } = service.metadata;
  const now = new Date().toISOString();
  return {
    metadata: { generateName: `${name}.`, namespace },
    involvedObject: { apiVersion: 'v1', kind: 'Service', name, namespace, uid },
    type: 'Warning',
    reason: 'NoLoadBalancerAddress',
    message,
    source: { component: 'gauntlet-load-balancers' },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  };
}
