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
    disturbs: 'clusters',
    title: 'the Service of its server is deleted, and is restored',
    cannot: needsServer(),
    play: async (cell) => {
      const service = await serviceOf(cell);
      await cell.interrupt('the Service is deleted', () => remove(cell, service));
      await cell.watch(watch);
      await cell.restore('the Service is restored', () => cell.stage.apply(service));
      await cell.watch(seconds(0.5));
    },
  },
  {
    id: 'service-missing',
    group: 'reference',
    disturbs: 'clusters',
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
      await cell.watch(seconds(0.5));
    },
  },
];

/** Policies that can refer to another namespace, and are made so here. */
const reachesAbroad: Cannot = ({ id, peer, references }) => {
  if (id === 'api-key-selector') return 'labels find nothing in another namespace';
  const can = references.includes('Secret') || peer === 'asks';
  return can && id !== 'oidc' ? undefined : 'the policy refers to nothing in another namespace';
};

/** Grants for what the policy refers to in the other namespace: its Secrets, or the copy of its server's Service. */
function grantsOf({ stage, resources, policy: { server } }: CellPlay): readonly Resource[] {
  const { policy, supporting } = resources.rendered('abroad');
  const { namespace } = stage.abroad;
  const grant = (from: Resource, to: Resource): Resource =>
    referenceGrant('policy', { group: groupOf(from), kind: from.kind, namespace: stage.namespace }, to);
  const secrets = supporting.filter(({ kind }) => kind === 'Secret');
  if (secrets.length > 0) return secrets.map((one) => grant(policy, one));
  const service: Resource = { apiVersion: 'v1', kind: 'Service', metadata: { namespace, name: server?.peer.service.name ?? '' } };
  return supporting.map((provider) => grant(provider, service));
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
      const grants = grantsOf(cell);
      await cell.arm('policy, route and grant are written', async () => {
        await cell.resources.write(...grants);
        await cell.resources.writePolicy('abroad');
        await cell.resources.writeRoutes();
      });
      await cell.interrupt('the ReferenceGrant is deleted', () => cell.resources.remove(...grants));
      await cell.watch(watch);
      await cell.restore('the ReferenceGrant is restored', () => cell.resources.write(...grants));
      await cell.watch(seconds(0.5));
    },
  },
  {
    id: 'grant-missing',
    group: 'reference',
    title: 'what it refers to is in another namespace, and the ReferenceGrant is missing at first',
    starts: 'bare',
    cannot: reachesAbroad,
    play: async (cell) => {
      const grants = grantsOf(cell);
      cell.forbid();
      await cell.interrupt('policy and route are written without the grant', async () => {
        await cell.resources.writePolicy('abroad');
        await cell.resources.writeRoutes();
      });
      await cell.watch(watch);
      await cell.restore('the ReferenceGrant comes', () => cell.resources.write(...grants));
      await cell.watch(seconds(0.5));
    },
  },
];

/** What lies between the policy and what it uses: a Service, a grant. */
export const connectingEvents: readonly EventRow[] = [...serviceEvents, ...grantEvents];
