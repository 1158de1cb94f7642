// SPDX-License-Identifier: Apache-2.0
import { seconds } from '../../../harness/units.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { groupOf } from '../../../fixtures/gateway-api/reference.ts';
import { referenceGrant } from '../../../fixtures/gateway-api/reference-grant.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import type { CellPlay } from '../cell-play.ts';
import type { Cannot, EventRow } from '../event-row.ts';
import { needsServer } from './applicability.ts';

const watch = seconds(3);

/** The Service of the policy's server; its endpoints are written by hand, and stay where they are. */
function serviceOf({ policy: { server }, stage, resources }: CellPlay): Promise<Resource> {
  const name = server?.peer.service.name ?? '';
  return resources.stored({ apiVersion: 'v1', kind: 'Service', namespace: stage.namespace, name });
}

const remove = ({ context: { kube, budgets }, stage }: CellPlay, resource: Resource) =>
  kube.remove(referenceTo(resource, resource.metadata.namespace ?? stage.namespace), { wait: budgets.peer });

/** The Service through which the policy asks its server. */
const serviceEvents: readonly EventRow[] = [
  {
    id: 'service-deleted',
    group: 'reference',
    title: 'the Service of its server is deleted, and is restored',
    cannot: needsServer(),
    play: async (cell) => {
      const service = await serviceOf(cell);
      await cell.interrupt('the Service is deleted', () => remove(cell, service));
      await cell.watch(watch);
      await cell.restore('the Service is restored', () => cell.stage.apply(service));
      await cell.watch(seconds(1.5));
    },
  },
  {
    id: 'service-missing',
    group: 'reference',
    title: 'the Service of its server is missing at first',
    starts: 'bare',
    cannot: needsServer(),
    play: async (cell) => {
      const service = await serviceOf(cell);
      cell.forbid();
      await cell.interrupt('policy and route are written without the Service', async () => {
        await remove(cell, service);
        await cell.resources.writePolicy();
        await cell.resources.writeRoutes();
      });
      await cell.watch(watch);
      await cell.restore('the Service comes', () => cell.stage.apply(service));
      await cell.watch(seconds(1.5));
    },
  },
];

/** Policies that can refer to another namespace, and are made so here. */
const reachesAbroad: Cannot = ({ id, peer, references }) => {
  if (id === 'api-key-selector') return 'labels find nothing in another namespace';
  const can = references.includes('Secret') || peer === 'asks';
  return can && id !== 'oidc' ? undefined : 'the policy refers to nothing in another namespace';
};

/** What has to be in the cell's namespace, and a grant to refer to it. */
async function abroad(cell: CellPlay): Promise<{ readonly grants: readonly Resource[]; readonly copies: readonly Resource[] }> {
  const { context, stage, resources } = cell;
  const { policy, supporting } = resources.rendered('abroad');
  const metadata = { namespace: context.namespace };
  const grantTo = (from: Resource, to: Resource): Resource =>
    referenceGrant('policy', { group: groupOf(from), kind: from.kind, namespace: stage.namespace }, to);
  const secrets = supporting.filter(({ kind }) => kind === 'Secret');
  if (secrets.length > 0) return { grants: secrets.map((one) => grantTo(policy, one)), copies: [] };
  const service = await serviceOf(cell);
  const { name } = service.metadata;
  const slice = await resources.stored({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    namespace: stage.namespace,
    name: `${name}-peer`,
  });
  const { ports } = service['spec'] as { readonly ports: unknown };
  const copies = [
    { ...slice, metadata: { ...slice.metadata, ...metadata } },
    { ...service, metadata: { ...service.metadata, ...metadata }, spec: { ports } },
  ];
  return { copies, grants: supporting.map((provider) => grantTo(provider, { ...service, metadata: { name, ...metadata } })) };
}

/** The grant by which the policy may use what is in another namespace. */
const grantEvents: readonly EventRow[] = [
  {
    id: 'grant-deleted',
    group: 'reference',
    title: 'what it refers to is in another namespace, and the ReferenceGrant is deleted and restored',
    starts: 'bare',
    cannot: reachesAbroad,
    play: async (cell) => {
      const { grants, copies } = await abroad(cell);
      await cell.arm('policy, route and grant are written', async () => {
        await cell.resources.write(...copies, ...grants);
        await cell.resources.writePolicy('abroad');
        await cell.resources.writeRoutes();
      });
      await cell.interrupt('the ReferenceGrant is deleted', () => cell.resources.remove(...grants));
      await cell.watch(watch);
      await cell.restore('the ReferenceGrant is restored', () => cell.resources.write(...grants));
      await cell.watch(seconds(1.5));
    },
  },
  {
    id: 'grant-missing',
    group: 'reference',
    title: 'what it refers to is in another namespace, and the ReferenceGrant is missing at first',
    starts: 'bare',
    cannot: reachesAbroad,
    play: async (cell) => {
      const { grants, copies } = await abroad(cell);
      cell.forbid();
      await cell.interrupt('policy and route are written without the grant', async () => {
        await cell.resources.write(...copies);
        await cell.resources.writePolicy('abroad');
        await cell.resources.writeRoutes();
      });
      await cell.watch(watch);
      await cell.restore('the ReferenceGrant comes', () => cell.resources.write(...grants));
      await cell.watch(seconds(1.5));
    },
  },
];

/** What lies between the policy and what it uses: a Service, a grant. */
export const connectingEvents: readonly EventRow[] = [...serviceEvents, ...grantEvents];
