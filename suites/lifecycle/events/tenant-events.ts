// SPDX-License-Identifier: Apache-2.0
import { GauntletError } from '../../../harness/errors.ts';
import { seconds } from '../../../harness/units.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import type { CellPlay } from '../cell-play.ts';
import type { EventRow } from '../event-row.ts';
import { playedOn, unless } from './applicability.ts';

const watch = seconds(1.5);
const cannot = playedOn('gateway', 'route');

/** A route of another namespace for the same host and path, without a policy, to a backend of its own. */
function tenantRoute({ stage, resources }: CellPlay): Resource {
  const { namespace, echo } = stage.abroad;
  return httpRoute('tenant')
    .inNamespace(namespace)
    .on(stage.gateway, stage.listener)
    .host(resources.host)
    .rule({ to: { name: echo.service.name, port: echo.service.port } });
}

const exempting = ['authentication.ext-auth', 'authentication.api-key', 'authentication.basic', 'authentication.jwt'];

/** The policy that takes such a one away again, and is not meant for anything of another namespace. */
function exemptionFrom({ policy: { intent }, context, stage, resources }: CellPlay): Resource {
  if ('part' in intent || !isExempted(intent.intent))
    throw new GauntletError('GAUNTLET_INTERNAL', 'There is no policy that exempts from that of the cell', {
      hint: 'The event should have said so in `cannot`.',
    });
  const rendered = context.policies.render(policy.exemption(intent.intent), resources.target, 'tenant').policy;
  return { ...rendered, metadata: { ...rendered.metadata, namespace: stage.abroad.namespace } };
}

const exempted = ['ext-auth', 'api-key', 'basic-auth', 'jwt'] as const satisfies readonly policy.ExemptionIntent['from'][];
const isExempted = (intent: string): intent is policy.ExemptionIntent['from'] => (exempted as readonly string[]).includes(intent);

/** What another namespace does to the policy, its host and its route. */
export const tenantEvents: readonly EventRow[] = [
  {
    id: 'tenant-route',
    group: 'neighbour',
    title: 'a route of another namespace claims the same host and path, later',
    cannot,
    play: async (cell) => {
      const route = tenantRoute(cell);
      // Of two of the same second the names decide.
      await cell.watch(seconds(1));
      await cell.event('the other route is written', () => cell.resources.write(route));
      await cell.watch(watch);
      await cell.step('the other route is deleted', () => cell.resources.remove(route));
      await cell.watch(watch);
    },
  },
  {
    id: 'tenant-route-older',
    group: 'neighbour',
    title: 'a route of another namespace claimed the same host and path before, and goes',
    starts: 'bare',
    cannot,
    play: async (cell) => {
      const route = tenantRoute(cell);
      cell.forbid();
      await cell.interrupt('the other route is written', () => cell.resources.write(route));
      await cell.watch(seconds(1));
      await cell.step('policy and route are written', async () => {
        await cell.resources.writePolicy();
        await cell.resources.writeRoutes();
      });
      await cell.watch(watch);
      await cell.restore('the other route is deleted', () => cell.resources.remove(route));
      await cell.watch(watch);
    },
  },
  {
    id: 'tenant-policy-across',
    group: 'neighbour',
    title: 'a policy of another namespace that exempts from it names the same target',
    cannot: unless(cannot, ({ feature }) => (exempting.includes(feature) ? undefined : 'there is no policy that exempts from it')),
    play: async (cell) => {
      const across = exemptionFrom(cell);
      await cell.event('the other policy is written', () => cell.resources.write(across));
      await cell.watch(watch);
      await cell.step('the other policy is deleted', () => cell.resources.remove(across));
      await cell.watch(watch);
    },
  },
];
