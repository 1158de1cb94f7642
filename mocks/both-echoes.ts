// SPDX-License-Identifier: Apache-2.0
import type { CheckContext, FixtureFactory } from '../harness/check/check.ts';
import { GauntletError } from '../harness/errors.ts';
import type { Resource } from '../harness/kube/kube.ts';
import { echo, otherEcho, type Echo } from './peers.ts';

/** A Service with two endpoints. */
export interface BothEchoes {
  readonly service: Echo['service'];
}

const name = 'echo-both';
const port = { name: 'peer', port: 8080, protocol: 'TCP' };

/**
 * Fixture `bothEchoes`: one Service with the fixtures `echo` and `otherEcho` behind it, for checks that require those two as well. Its endpoints are the
 * addresses of their Services: the pod of the peers has one address only, and kgateway 2.2.0 takes endpoints of one address and different ports for the same.
 */
export const bothEchoes: FixtureFactory<BothEchoes> = Object.assign(openBoth, {
  announce: (namespace: string) => [endpoints(namespace, []), service(namespace)],
});

async function openBoth({ apply, kube, namespace }: CheckContext): Promise<BothEchoes> {
  const announced = [echo, otherEcho].map(async (fixture) => (await fixture.announce?.(namespace)) ?? []);
  const services = (await Promise.all(announced)).flat().filter(({ kind }) => kind === 'Service');
  const addresses = services.map(async ({ metadata }) => {
    const seen = await kube.get({ apiVersion: 'v1', kind: 'Service', namespace, name: metadata.name });
    const { clusterIP } = (seen?.['spec'] ?? {}) as { readonly clusterIP?: string };
    if (clusterIP !== undefined) return clusterIP;
    throw new GauntletError('GAUNTLET_INTERNAL', `The Service ${metadata.name} has no address to put behind ${name}`, {
      hint: 'A check that requires bothEchoes requires echo and otherEcho too.',
    });
  });
  await apply(endpoints(namespace, await Promise.all(addresses)), service(namespace));
  return { service: { name, namespace, port: port.port } };
}

function service(namespace: string): Resource {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { ports: [port] } };
}

function endpoints(namespace: string, addresses: readonly string[]): Resource {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-peers`,
      namespace,
      labels: { 'kubernetes.io/service-name': name, 'endpointslice.kubernetes.io/managed-by': 'gauntlet.dev' },
    },
    addressType: addresses.some((address) => address.includes(':')) ? 'IPv6' : 'IPv4',
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: [port],
  };
}
