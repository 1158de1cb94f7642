// SPDX-License-Identifier: Apache-2.0
import http from 'node:http';
import { askVersion, assertAsked, type VersionQuestion } from '../../harness/bench/answer-watch.ts';
import type { Check, CheckContext } from '../../harness/check/check.ts';
import { holds } from '../../harness/check/matchers.ts';
import { GauntletError } from '../../harness/errors.ts';
import type { Resource } from '../../harness/kube/kube.ts';
import { podGroup } from '../../harness/machine/pod-group.ts';
import type { Duration } from '../../harness/units.ts';
import { referenceTo } from '../../fixtures/core/reference.ts';
import { gateway } from '../../fixtures/gateway-api/gateway.ts';
import type { LiveGateway } from '../../fixtures/gateways.ts';
import { forEachAtOnce } from '../at-once.ts';
import { defineScenario } from '../define-scenario.ts';
import { groupOfProxy, startBackend } from '../load-stage.ts';
import { versionedRoute, versionHeader } from './versioned-route.ts';

const attached = 'every route is attached';
const served = 'every route serves its own answer';
const gone = 'no route is served once all are deleted';

/** More at once take longer each. */
const writesAtOnce = 16;
const questionsAtOnce = 8;

const sabotages = [
  { name: 'one-unattached', title: 'One of the routes asks for a listener that is not there', breaks: attached },
  { name: 'one-wrong', title: 'One of the routes gives the answer of another one', breaks: served },
  { name: 'one-stays', title: 'One of the routes is not deleted', breaks: gone },
] as const;

/** So many routes on one Gateway: written, attached, each verified by traffic, deleted. Scenarios 4 and 7 of the performance anchors. */
export const routeScale = (count: number): Check =>
  defineScenario({
    id: `route-scale-${count}`,
    title: `${count} routes come, serve each its own answer, and go`,
    feature: 'routing.http',
    priority: count > 1000 ? 'P1' : 'P0',
    specification: [{ title: 'gateway-api-bench, attached routes', url: 'https://github.com/howardjohn/gateway-api-bench' }],
    serial: true,
    requires: ['controller', 'gateways', 'proxies'],
    sabotages,
    async run(context) {
      const { controller, expect, gateways, kube, namespace, proxies, sabotaged, tellMeasured } = context;
      const patience = patienceOf(context);
      const to = await startBackend(context, 'backend');
      const live = await gateways.own(gateway('load').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
      const [pod] = await controller.pods();
      const groups = [
        ['proxy', await groupOfProxy(proxies, live)],
        ['controller', await podGroup(pod?.metadata.uid ?? '')],
      ] as const;
      const used = () =>
        Promise.all(groups.map(async ([name, group]) => ({ name, cpu: await group.cpuSeconds(), memory: await group.memoryBytes() })));
      const numbers = Array.from({ length: count }, (_, number) => number);
      const last = count - 1;
      const expected = (number: number) => `${namespace}-${number}`;
      const question = (number: number) => ({
        endpoint: live.endpoint(),
        host: context.hostname(`r${number}`),
        path: '/',
        header: versionHeader,
      });
      const route = (number: number) => {
        const version = expected(number === last && sabotaged('one-wrong') ? 0 : number);
        const listener = number === last && sabotaged('one-unattached') ? { listener: 'nowhere' } : {};
        return versionedRoute({ name: `r${number}`, host: question(number).host, version, to, parent: live, ...listener });
      };

      const before = await used();
      const startedAt = performance.now();
      const since = () => performance.now() - startedAt;
      // Deleted here, or with the namespace if it does not come to that.
      await forEachAtOnce(numbers, writesAtOnce, (number) => kube.apply(route(number).inNamespace(namespace)));
      const writtenMs = since();
      const counting = untilAttached(context, live, count).then((routes) => ({ routes, ms: since() }));
      const all = numbers.map((number) => ({ question: question(number), version: expected(number) }));
      const open = await untilAnswered(all, patience);
      const servedMs = since();
      const attachment = await counting;
      const after = await used();
      await expect.now(attached, () => holds(attachment.routes === count, String(count), String(attachment.routes)));
      await expect.now(served, () => holds(open === 0, `all ${count}`, `${open} do not`));

      const removedAt = performance.now();
      const leaving = numbers.filter((number) => !(number === last && sabotaged('one-stays')));
      await forEachAtOnce(leaving, writesAtOnce, (number) => kube.remove(referenceTo(route(number), namespace)));
      const deletedMs = performance.now() - removedAt;
      const left = await untilAnswered(
        all.map(({ question }) => ({ question, version: undefined })),
        patience,
      );
      const goneMs = performance.now() - removedAt;
      const one = (metric: string, value: number) => ({ cell: `${count} routes`, metric, unit: 'ms', value }) as const;
      tellMeasured(
        one('all written', writtenMs),
        { ...one('all attached', attachment.ms), value: attachment.routes === count ? attachment.ms : null },
        { ...one('all served', servedMs), value: open === 0 ? servedMs : null },
        one('all deleted', deletedMs),
        { ...one('none served', goneMs), value: left === 0 ? goneMs : null },
        ...before.flatMap(({ name, cpu, memory }, index) => [
          { ...one(`processor time of the ${name}`, 1000 * ((after[index]?.cpu ?? NaN) - cpu)) },
          { ...one(`memory of the ${name}`, (after[index]?.memory ?? NaN) - memory), unit: 'bytes' as const },
        ]),
      );
      await expect.now(gone, () => holds(left === 0, 'none', `${left} routes`));
    },
  });

/** What is expected to fail uses its time up. */
const patienceOf = ({ budgets, sabotaged }: CheckContext): Duration =>
  sabotages.some(({ name }) => sabotaged(name)) ? { ms: budgets.traffic.ms / 4 } : budgets.traffic;

/** How many routes the Gateway's status counts, once it is so many, or the time is over. */
async function untilAttached(context: CheckContext, live: LiveGateway, count: number): Promise<number> {
  let routes = 0;
  const isThere = (seen: Resource | undefined): boolean => {
    const { listeners = [] } = (seen?.['status'] ?? {}) as { readonly listeners?: readonly { readonly attachedRoutes?: number }[] };
    routes = listeners[0]?.attachedRoutes ?? 0;
    return routes === count;
  };
  const reference = referenceTo(live.resource, live.namespace);
  await context.kube.waitFor(reference, `to have ${count} routes`, isThere, patienceOf(context)).catch((error: unknown) => {
    if (!(error instanceof GauntletError) || error.code !== 'GAUNTLET_TIMEOUT') throw error;
  });
  return routes;
}

/** What a question should be answered with: a version, or anything but 200. */
interface Answering {
  readonly question: VersionQuestion;
  readonly version: string | undefined;
}

/**
 * Asks each until it is answered as it should be; how many were not when the time was over.
 *
 * @throws GauntletError `GAUNTLET_MACHINE` if a question never left this machine.
 */
async function untilAnswered(all: readonly Answering[], within: Duration): Promise<number> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: questionsAtOnce });
  const isOver = AbortSignal.timeout(within.ms);
  let open = all;
  while (open.length > 0 && !isOver.aborted) {
    const still: Answering[] = [];
    await forEachAtOnce(open, questionsAtOnce, async (one) => {
      const answer = await askVersion(one.question, agent);
      assertAsked([answer]);
      const isRight =
        one.version === undefined
          ? answer.status !== undefined && answer.status !== 200
          : answer.status === 200 && answer.version === one.version;
      if (!isRight) still.push(one);
    });
    open = still;
  }
  agent.destroy();
  return open.length;
}
