// SPDX-License-Identifier: Apache-2.0
import { seconds } from '../../../harness/units.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import { corrupted, type CellPlay } from '../cell-play.ts';
import type { EventRow } from '../event-row.ts';
import type { PolicyRow } from '../policy-row.ts';

type Kind = PolicyRow['references'][number];

const needs =
  (kind: Kind) =>
  ({ references }: PolicyRow): string | undefined =>
    references.includes(kind) ? undefined : `the policy refers to no ${kind}`;

/** Something that is done to what the policy refers to, and undone. */
const broken = (
  kind: Kind,
  what: { readonly id: string; readonly title: string; readonly telling?: boolean },
  break_: (cell: CellPlay, resources: readonly Resource[]) => Promise<void>,
): EventRow => ({
  id: what.id,
  group: 'reference',
  title: `the ${kind} that it refers to ${what.title}, and is restored`,
  ...(what.telling === true ? { telling: true } : {}),
  cannot: needs(kind),
  play: async (cell) => {
    const resources = cell.resources.references(kind);
    await cell.interrupt(`the ${kind} ${what.title}`, () => break_(cell, resources));
    await cell.watch(seconds(3));
    await cell.restore(`the ${kind} is restored`, () => cell.resources.write(...resources));
    await cell.watch(seconds(1.5));
  },
});

const withData = (resource: Resource, data: Readonly<Record<string, string>>): Resource => ({ ...resource, data });

/** Something that is missing when policy and route are written, and comes later. */
const missing = (kind: Kind, id: string): EventRow => ({
  id,
  group: 'reference',
  title: `the ${kind} that it refers to is missing at first`,
  starts: 'bare',
  cannot: needs(kind),
  play: async (cell) => {
    const resources = cell.resources.references(kind);
    cell.forbid('now');
    await cell.interrupt(`policy and route are written without the ${kind}`, async () => {
      await cell.resources.writePolicy();
      await cell.resources.remove(...resources);
      await cell.resources.writeRoutes();
    });
    await cell.watch(seconds(3));
    await cell.restore(`the ${kind} comes`, () => cell.resources.write(...resources));
    await cell.watch(seconds(1.5));
  },
});

/** What happens to the objects that the policy refers to. */
export const referenceEvents: readonly EventRow[] = [
  missing('Secret', 'secret-missing'),
  broken('Secret', { id: 'secret-deleted', title: 'is deleted', telling: true }, (cell, secrets) => cell.resources.remove(...secrets)),
  broken('Secret', { id: 'secret-emptied', title: 'is emptied' }, (cell, secrets) =>
    cell.resources.write(...secrets.map((one) => withData(one, {}))),
  ),
  broken('Secret', { id: 'secret-malformed', title: 'becomes unreadable' }, (cell, secrets) =>
    cell.resources.write(...secrets.map(corrupted)),
  ),
  missing('GatewayExtension', 'extension-missing'),
  broken('GatewayExtension', { id: 'extension-deleted', title: 'is deleted', telling: true }, (cell, extensions) =>
    cell.resources.remove(...extensions),
  ),
];
