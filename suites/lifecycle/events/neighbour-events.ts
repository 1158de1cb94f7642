// SPDX-License-Identifier: Apache-2.0
import { seconds } from '../../../harness/units.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import type { CellPlay } from '../cell-play.ts';
import type { EventRow } from '../event-row.ts';
import { playedOn } from './applicability.ts';
import { refusedRoute, underNack } from './circumstances.ts';

const watch = seconds(1.5);
const cannot = playedOn('gateway', 'route');

/** A neighbour in the same proxy that is broken, and gone again; nobody else may notice. */
interface Neighbour {
  readonly id: string;
  readonly what: string;
  readonly telling?: boolean;
  readonly disturbs?: EventRow['disturbs'];
  readonly comes: (cell: CellPlay) => Promise<unknown>;
  readonly goes: (cell: CellPlay) => Promise<unknown>;
}

const siblingRoute = ({ context, stage }: CellPlay) =>
  httpRoute('sibling').on(stage.gateway, stage.listener).host(context.hostname('sibling'));

/** A route with a policy whose provider is missing. */
function siblingWithPolicy(cell: CellPlay) {
  const { context, stage } = cell;
  const route = siblingRoute(cell).rule({ to: stage.echo.service });
  return [context.policies.render(policy.extAuth({ server: stage.extAuth.service }), route, 'sibling').policy, route];
}

const siblingWithoutBackend = (cell: CellPlay) => siblingRoute(cell).rule({ to: { name: 'nobody', port: 8080 } });

/** The Gateway, with a listener whose certificate is missing or without it. */
async function putListener({ stage, resources }: CellPlay, broken: boolean): Promise<void> {
  const stored = await resources.stored(referenceTo(stage.gateway.resource, stage.namespace));
  const spec = stored['spec'] as { readonly listeners: readonly { readonly name: string }[] };
  const sound = spec.listeners.filter(({ name }) => name !== 'broken');
  const withoutCertificate = {
    name: 'broken',
    port: 9443,
    protocol: 'HTTPS',
    tls: { mode: 'Terminate', certificateRefs: [{ name: 'nobodys' }] },
  };
  await stage.apply({ ...stored, spec: { ...spec, listeners: broken ? [...sound, withoutCertificate] : sound } });
}

const neighbours: readonly Neighbour[] = [
  {
    id: 'sibling-policy-broken',
    what: 'a policy of another route whose provider is missing',
    comes: (cell) => cell.resources.write(...siblingWithPolicy(cell)),
    goes: (cell) => cell.resources.remove(...siblingWithPolicy(cell)),
  },
  {
    id: 'sibling-route-broken',
    what: 'another route whose backend is missing',
    comes: (cell) => cell.resources.write(siblingWithoutBackend(cell)),
    goes: (cell) => cell.resources.remove(siblingWithoutBackend(cell)),
  },
  {
    id: 'sibling-route-refused',
    what: 'another route that the proxy refuses',
    telling: true,
    comes: (cell) => cell.resources.write(refusedRoute(cell)),
    goes: (cell) => cell.resources.remove(refusedRoute(cell)),
  },
  {
    id: 'sibling-listener-broken',
    what: 'another listener whose certificate is missing',
    // Its port becomes one of the Service of the proxies.
    disturbs: 'clusters',
    comes: (cell) => putListener(cell, true),
    goes: (cell) => putListener(cell, false),
  },
];

const beside = ({ id, what, telling = false, disturbs, comes, goes }: Neighbour): EventRow => ({
  id,
  group: 'neighbour',
  title: `there is ${what}, for a while`,
  telling,
  ...(disturbs === undefined ? {} : { disturbs }),
  cannot,
  play: async (cell) => {
    await cell.event(`there is ${what}`, () => comes(cell));
    await cell.watch(watch);
    await cell.step('it is gone', () => goes(cell));
    await cell.watch(watch);
  },
});

/** Changes while an update that the proxy refused is outstanding: it takes none of them before that is gone. */
const refusing: readonly EventRow[] = [
  {
    id: 'created-under-nack',
    group: 'neighbour',
    title: 'policy and route are written while an update that the proxy refused is outstanding',
    starts: 'bare',
    telling: true,
    cannot,
    play: async (cell) => {
      cell.forbid();
      await cell.interrupt('another route is written that the proxy refuses', () => underNack.begin(cell));
      await cell.watch(seconds(1));
      await cell.step('policy and route are written', async () => {
        await cell.resources.writePolicy();
        await cell.resources.writeRoutes();
      });
      await cell.watch(watch);
      await cell.restore('what was refused is gone', () => underNack.end(cell));
      await cell.watch(watch);
    },
  },
  {
    id: 'attached-under-nack',
    group: 'neighbour',
    title: 'the policy is written for a route that serves, while an update that the proxy refused is outstanding',
    starts: 'bare',
    cannot: (row, level) => cannot(row, level) ?? (row.isPart === true ? 'it is no part of what was refused' : undefined),
    play: async (cell) => {
      await cell.prepare('the route is written', () => cell.resources.writeRoutes());
      await cell.untilServed('anonymous');
      cell.served();
      await cell.step('another route is written that the proxy refuses', () => underNack.begin(cell));
      await cell.watch(seconds(1));
      await cell.event('the policy is written', () => cell.writeLate());
      await cell.watch(seconds(4));
      await cell.step('what was refused is gone', () => underNack.end(cell));
      await cell.watch(watch);
    },
  },
  {
    id: 'edited-under-nack',
    group: 'neighbour',
    title: 'the policy is changed while an update that the proxy refused is outstanding',
    cannot,
    play: async (cell) => {
      await cell.event('another route is written that the proxy refuses', () => underNack.begin(cell));
      await cell.watch(seconds(1));
      await cell.step('the policy is edited', () => cell.resources.writePolicy('edited'));
      await cell.watch(watch);
      await cell.step('what was refused is gone', () => underNack.end(cell));
      await cell.watch(watch);
    },
  },
];

/** What happens to others in the same proxy. */
export const neighbourEvents: readonly EventRow[] = [...neighbours.map(beside), ...refusing];
