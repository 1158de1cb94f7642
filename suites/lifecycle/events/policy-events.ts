// SPDX-License-Identifier: Apache-2.0
import { seconds } from '../../../harness/units.ts';
import type { EventRow } from '../event-row.ts';
import { needsSecond, needsTarget, unless } from './applicability.ts';

const watch = seconds(1.5);

/** What happens to the policy itself. */
export const policyEvents: readonly EventRow[] = [
  {
    id: 'created-with-route',
    group: 'policy',
    title: 'the policy is written, and then its route',
    starts: 'bare',
    telling: true,
    play: async (cell) => {
      cell.forbid();
      await cell.interrupt('the policy is written', () => cell.resources.writePolicy());
      await cell.restore('the route is written', () => cell.resources.writeRoutes());
      await cell.watch(watch);
    },
  },
  {
    id: 'created-after-route',
    group: 'policy',
    title: 'the policy is written when its route serves already',
    starts: 'bare',
    play: async (cell) => {
      await cell.prepare('the route is written', () => cell.resources.writeRoutes());
      await cell.untilServed('anonymous');
      cell.served();
      await cell.event('the policy is written', () => cell.writeLate());
      await cell.watch(seconds(4));
    },
  },
  {
    id: 'edited',
    group: 'policy',
    title: 'the policy is changed in a way that forbids the same as before',
    telling: true,
    play: async (cell) => {
      await cell.event('the policy is edited', () => cell.resources.writePolicy('edited'));
      await cell.watch(watch);
      await cell.step('the edit is taken back', () => cell.resources.writePolicy());
      await cell.watch(watch);
    },
  },
  {
    id: 'recreated',
    group: 'policy',
    title: 'the policy is deleted and written again, as a rollback does',
    play: async (cell) => {
      await cell.event('the policy is deleted', () => cell.resources.removePolicy());
      await cell.step('the policy is written again', () => cell.writeLate());
      await cell.watch(seconds(4));
    },
  },
  {
    id: 'route-recreated',
    group: 'policy',
    title: 'the route is deleted and written again, while its policy stays',
    telling: true,
    cannot: (_, level) =>
      level === 'backendRef' ? 'what a route names stands and falls with it; created-with-route is the same' : undefined,
    play: async (cell) => {
      await cell.interrupt('the route is deleted', () => cell.resources.removeRoutes());
      await cell.restore('the route is written again', () => cell.resources.writeRoutes());
      await cell.watch(watch);
    },
  },
  {
    id: 'switched',
    group: 'policy',
    title: 'a second policy like it is written, and the first one deleted',
    telling: true,
    cannot: needsSecond,
    play: async (cell) => {
      await cell.event('the second policy is written', () => cell.resources.writePolicy('next'));
      await cell.step('routes that name a policy name the second one', () => cell.resources.writeRoutes('next'));
      await cell.step('the first policy is deleted', () => cell.resources.removePolicy());
      await cell.watch(watch);
    },
  },
  {
    id: 'deleted-while-second-stays',
    group: 'policy',
    title: 'of two policies alike the first one is deleted',
    cannot: unless(needsSecond, needsTarget),
    play: async (cell) => {
      await cell.step('a second policy is written', () => cell.resources.writePolicy('next'));
      await cell.untilInForce();
      await cell.event('the first policy is deleted', () => cell.resources.removePolicy());
      await cell.watch(watch);
    },
  },
  {
    id: 'second-deleted',
    group: 'policy',
    title: 'of two policies alike the second one is deleted',
    cannot: unless(needsSecond, needsTarget),
    play: async (cell) => {
      await cell.step('a second policy is written', () => cell.resources.writePolicy('next'));
      await cell.untilInForce();
      await cell.event('the second policy is deleted', () => cell.resources.removePolicy('next'));
      await cell.watch(watch);
    },
  },
];
