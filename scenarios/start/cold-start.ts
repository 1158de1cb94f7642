// SPDX-License-Identifier: Apache-2.0
import { setTimeout as pause } from 'node:timers/promises';
import type { Check, CheckContext } from '../../harness/check/check.ts';
import { holds } from '../../harness/check/matchers.ts';
import { coldStartOf, type ColdStart } from '../../harness/bench/cold-start.ts';
import type { Measurement } from '../../harness/bench/measurement.ts';
import { askVersion } from '../../harness/bench/answer-watch.ts';
import { seconds, type Duration } from '../../harness/units.ts';
import { referenceTo } from '../../fixtures/core/reference.ts';
import type { Controller } from '../../fixtures/controller.ts';
import { gateway } from '../../fixtures/gateway-api/gateway.ts';
import { forEachAtOnce } from '../at-once.ts';
import { defineScenario } from '../define-scenario.ts';
import { startBackend } from '../load-stage.ts';
import { versionedRoute, versionHeader } from '../routes/versioned-route.ts';
import { replaceProxy } from './new-proxy.ts';

const served = 'a new proxy comes to serve every route';
const honest = 'a proxy that is ready serves every route';

const routeCount = 200;
const restarts = 3;
const writesAtOnce = 16;
const pollMs = 5;

/** What the cluster is like while a proxy starts. */
export interface Circumstance {
  /** Kebab-case, permanent. */
  readonly id: string;
  /** As the end of a sentence: `when it is replaced`. */
  readonly title: string;
  /** The controller is away when the proxy starts, and comes back so much later. */
  readonly controllerAwayFor?: Duration;
}

/** Scenario 14 of the performance anchors. */
export const circumstances: readonly Circumstance[] = [
  { id: 'cold-start', title: 'when it is replaced' },
  {
    id: 'cold-start-controller-late',
    title: 'when it is replaced while its controller is away',
    // Longer than Envoy waits for its first configuration, which is 15 s.
    controllerAwayFor: seconds(30),
  },
];

/** A proxy is deleted, and the one that takes its place is asked for every route, from its first moment on. */
export const coldStart = ({ id, title, controllerAwayFor }: Circumstance): Check =>
  defineScenario({
    id,
    title: `A new proxy is not said to be ready before it serves every route, ${title}`,
    feature: 'routing.http',
    specification: [
      { title: 'gateway-api-bench, readiness', url: 'https://github.com/howardjohn/gateway-api-bench' },
      {
        title: 'Kubernetes: readiness probes',
        url: 'https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/#readiness-probe',
      },
    ],
    serial: true,
    requires: ['controller', 'gateways', 'proxies'],
    sabotages: [
      { name: 'route-is-gone', title: 'One of the routes was deleted before', breaks: served },
      { name: 'route-comes-late', title: 'One of the routes is written when the proxy is ready already', breaks: honest },
    ],
    async run(context) {
      const { budgets, controller, expect, gateways, kube, namespace, proxies, sabotaged, signal, tellMeasured } = context;
      const to = await startBackend(context, 'backend');
      const live = await gateways.own(gateway('load').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
      const version = (route: number) => `${namespace}-${route}`;
      const write = (route: number) => {
        const host = context.hostname(`r${route}`);
        return versionedRoute({ name: `r${route}`, host, version: version(route), to, parent: live }).inNamespace(namespace);
      };
      const numbers = Array.from({ length: routeCount }, (_, route) => route);
      const last = routeCount - 1;
      await forEachAtOnce(numbers, writesAtOnce, (route) => kube.apply(write(route)));
      const routes = numbers.map((route) => ({
        question: { host: context.hostname(`r${route}`), path: '/', header: versionHeader },
        version: version(route),
      }));
      const isServed = async (route: number): Promise<boolean> => {
        const asked = routes[route];
        if (asked === undefined) return false;
        const answer = await askVersion({ ...asked.question, endpoint: live.endpoint() }, false);
        return answer.status === 200 && answer.version === asked.version;
      };
      await expect.eventually('every route serves at first', async () => {
        let open = 0;
        await forEachAtOnce(numbers, writesAtOnce, async (route) => {
          if (!(await isServed(route))) open += 1;
        });
        holds(open === 0, `all ${routeCount}`, `not all`);
      });
      const isSabotaged = sabotaged('route-is-gone') || sabotaged('route-comes-late');
      if (isSabotaged) {
        await kube.remove(referenceTo(write(last), namespace));
        await expect.eventually('the deleted route is gone', async () =>
          holds(!(await isServed(last)), 'no answer of its own', 'its answer'),
        );
      }
      const [listener] = await proxies.listeners(live);
      const port = listener?.address.socket_address.port_value ?? live.endpoint().port;
      const within: Duration = { ms: (sabotaged('route-is-gone') ? 0.25 : 1) * budgets.gateway.ms + (controllerAwayFor?.ms ?? 0) };

      const starts: ColdStart[] = [];
      for (let start = 1; start <= (isSabotaged || controllerAwayFor !== undefined ? 1 : restarts); start += 1) {
        signal.throwIfAborted();
        const over = new AbortController();
        const isOver = AbortSignal.any([signal, over.signal, AbortSignal.timeout(within.ms)]);
        if (controllerAwayFor !== undefined) await controller.scale(0);
        const startedAt = performance.now();
        const back = controllerAwayFor === undefined ? undefined : returning(controller, controllerAwayFor, signal);
        back?.catch(() => undefined);
        const userMs = untilTrue(() => isServed(0), isOver).then((isTrue) => (isTrue ? performance.now() - startedAt : null));
        const onReady = async () => {
          if (sabotaged('route-comes-late')) await kube.apply(write(last));
        };
        const { answers, readyAt } = await replaceProxy(context, { gateway: live, proxies, port, routes, onReady, isOver });
        const cold = coldStartOf(answers, { startedAt, readyAt, routes: routeCount });
        tellMeasured(...measurementsOf(`start ${start}`, cold, await userMs));
        over.abort();
        await back;
        starts.push(cold);
      }
      await expect.now(served, () => {
        const unserved = starts.filter(({ allMs }) => allMs === null).length;
        holds(unserved === 0, `each of ${starts.length}`, `${unserved} did not`);
      });
      await expect.now(honest, () => {
        const worst = starts.toSorted((a, b) => b.dishonestMs - a.dishonestMs)[0];
        const told = `${worst?.routesWrong ?? 0} of ${routeCount} routes without their answer for ${((worst?.dishonestMs ?? 0) / 1000).toFixed(1)} s`;
        holds(
          starts.every(({ wrongWhileReady }) => wrongWhileReady === 0),
          'every answer right from ready on',
          told,
        );
      });
    },
  });

/** Brings the controller back after a while. */
async function returning(controller: Controller, after: Duration, signal: CheckContext['signal']): Promise<void> {
  await pause(after.ms, undefined, { signal });
  await controller.scale(1);
}

async function untilTrue(isTrue: () => Promise<boolean>, isOver: AbortSignal): Promise<boolean> {
  while (!isOver.aborted) {
    if (await isTrue()) return true;
    await pause(pollMs);
  }
  return false;
}

const measurementsOf = (cell: string, cold: ColdStart, userMs: number | null): readonly Measurement[] => [
  { cell, metric: 'ready', unit: 'ms', value: cold.readyMs },
  { cell, metric: 'first right answer', unit: 'ms', value: cold.firstMs },
  { cell, metric: 'all routes', unit: 'ms', value: cold.allMs },
  { cell, metric: 'first right answer by its Service', unit: 'ms', value: userMs },
  { cell, metric: 'wrong answers while ready', unit: 'count', value: cold.wrongWhileReady },
  { cell, metric: 'routes without their answer while ready', unit: 'count', value: cold.routesWrong },
  { cell, metric: 'for so long', unit: 'ms', value: cold.dishonestMs },
];
