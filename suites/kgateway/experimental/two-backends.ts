// SPDX-License-Identifier: Apache-2.0
import type { CheckContext } from '../../../harness/check/check.ts';
import { holds, outcome, status } from '../../../harness/check/matchers.ts';
import type { ArrivalRecorder, Exchange } from '../../../harness/probe/exchange.ts';
import type { Echo } from '../../../mocks/peers.ts';

interface Backends extends CheckContext {
  readonly echo: Echo;
  readonly otherEcho: Echo;
}

/**
 * One Service with both echoes behind it, by the addresses of their Services: the pod of the peers has one address only, and kgateway 2.2.0
 * takes endpoints of one address and different ports for the same.
 */
export async function twoBackends({ apply, kube, namespace, echo, otherEcho }: Backends): Promise<Echo['service']> {
  const service = { name: 'both', namespace, port: echo.service.port };
  const addresses: string[] = [];
  for (const { name } of [echo.service, otherEcho.service]) {
    const seen = await kube.get({ apiVersion: 'v1', kind: 'Service', namespace, name });
    addresses.push((seen?.['spec'] as { readonly clusterIP: string }).clusterIP);
  }
  const port = { name: 'peer', port: service.port, protocol: 'TCP' };
  await apply({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'both-backends', labels: { 'kubernetes.io/service-name': service.name } },
    addressType: addresses.some((address) => address.includes(':')) ? 'IPv6' : 'IPv4',
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: [port],
  });
  await apply({ apiVersion: 'v1', kind: 'Service', metadata: { name: service.name }, spec: { ports: [port] } });
  return service;
}

/** Name of the backend that served a request. */
export async function servingOf(exchange: Exchange, backends: readonly ArrivalRecorder[]): Promise<string> {
  status(exchange, 200);
  for (const backend of backends) if ((await backend.arrivals(exchange.id)).length === 1) return backend.name;
  holds(false, 'an arrival at one of the backends', `${outcome(exchange)}, no arrival`, exchange);
  return '';
}
