// SPDX-License-Identifier: Apache-2.0
import { seconds } from '../../../harness/units.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import type { CellPlay } from '../cell-play.ts';
import { corrupted, misdirected } from '../damage.ts';
import type { Cannot, EventRow } from '../event-row.ts';
import type { PolicyRow } from '../policy-row.ts';
import { needsReference, unless } from './applicability.ts';

type Kind = PolicyRow['references'][number];

/** First part of the ids of the events of a kind. */
const prefix: Readonly<Record<Kind, string>> = { Secret: 'secret', ConfigMap: 'configmap', GatewayExtension: 'extension' };

const watch = seconds(3);

/** What is done to the objects of a kind. */
interface Damage {
  readonly id: string;
  /** `is deleted` */
  readonly does: string;
  readonly telling?: boolean;
  readonly cannot?: Cannot;
  readonly to: (resources: readonly Resource[], cell: CellPlay) => Promise<void>;
}

/** Something that is done to what the policy refers to, and undone. */
const damaged = (kind: Kind, { id, does, telling = false, cannot, to }: Damage): EventRow => ({
  id: `${prefix[kind]}-${id}`,
  group: 'reference',
  title: `the ${kind} that it refers to ${does}, and is restored`,
  telling,
  cannot: unless(needsReference(kind), cannot),
  play: async (cell) => {
    const resources = cell.resources.references(kind);
    await cell.interrupt(`the ${kind} ${does}`, () => to(resources, cell));
    await cell.watch(watch);
    await cell.restore(`the ${kind} is restored`, () => cell.resources.write(...resources));
    await cell.watch(seconds(0.5));
  },
});

/** Something that is missing when policy and route are written, and comes later. */
const missing = (kind: Kind): EventRow => ({
  id: `${prefix[kind]}-missing`,
  group: 'reference',
  title: `the ${kind} that it refers to is missing at first`,
  starts: 'bare',
  cannot: needsReference(kind),
  play: async (cell) => {
    const resources = cell.resources.references(kind);
    cell.forbid();
    await cell.interrupt(`policy and route are written without the ${kind}`, async () => {
      await cell.resources.writePolicy();
      await cell.resources.remove(...resources);
      await cell.resources.writeRoutes();
    });
    await cell.watch(watch);
    await cell.restore(`the ${kind} comes`, () => cell.resources.write(...resources));
    await cell.watch(seconds(0.5));
  },
});

const deleted = (telling: boolean): Damage => ({
  id: 'deleted',
  does: 'is deleted',
  telling,
  to: (resources, cell) => cell.resources.remove(...resources),
});

const emptied: Damage = {
  id: 'emptied',
  does: 'is emptied',
  to: (resources, cell) => cell.resources.write(...resources.map((one) => ({ ...one, data: {} }))),
};

const malformed: Damage = {
  id: 'malformed',
  does: 'becomes unreadable',
  to: (resources, cell) => cell.resources.write(...resources.map(corrupted)),
};

/** What it says of a server leads nowhere, and keys that it holds are none. */
const leadingNowhere: Damage = {
  id: 'malformed',
  does: 'becomes useless',
  to: (resources, cell) => cell.resources.write(...resources.map(misdirected)),
};

const relabelled: Damage = {
  id: 'relabelled',
  does: 'loses the labels by which it is found',
  cannot: ({ id }) => (id === 'api-key-selector' ? undefined : 'the policy finds it by its name'),
  to: (resources, cell) => cell.resources.write(...resources.map((one) => ({ ...one, metadata: { ...one.metadata, labels: {} } }))),
};

const withCredentials = ['authentication.api-key', 'authentication.basic', 'authentication.jwt', 'authorization.rbac', 'mtls.frontend'];

/** What counted until now does not from here on, and something else does. */
const rotated: EventRow = {
  id: 'rotated',
  group: 'reference',
  title: 'its credentials are exchanged for new ones, and the old ones no longer count',
  starts: 'bare',
  telling: true,
  cannot: ({ feature, peer }) =>
    withCredentials.includes(feature) && peer === undefined ? undefined : 'the policy says of no credentials whether they count',
  play: async (cell) => {
    await cell.prepare('policy and route are written with the old credentials', async () => {
      await cell.resources.writePolicy('outdated');
      await cell.resources.writeRoutes();
    });
    await cell.untilServed('wrong');
    await cell.restore('the credentials are exchanged', () => cell.writeLate());
    await cell.watch(watch);
  },
};

/** What happens to the objects that the policy refers to. */
export const referenceEvents: readonly EventRow[] = [
  missing('Secret'),
  ...[deleted(true), emptied, malformed, relabelled].map((damage) => damaged('Secret', damage)),
  missing('ConfigMap'),
  ...[deleted(true), emptied, malformed].map((damage) => damaged('ConfigMap', damage)),
  missing('GatewayExtension'),
  ...[deleted(true), leadingNowhere].map((damage) => damaged('GatewayExtension', damage)),
  rotated,
];
