// SPDX-License-Identifier: Apache-2.0
import type { Check } from '../../harness/check/check.ts';
import { holds } from '../../harness/check/matchers.ts';
import { downtimeOf } from '../../harness/bench/downtime.ts';
import { startGenerator } from '../../harness/lifecycle/generator.ts';
import type { GeneratorSettings } from '../../harness/lifecycle/streams.ts';
import { gateway } from '../../fixtures/gateway-api/gateway.ts';
import { httpRoute, responseHeaders } from '../../fixtures/gateway-api/http-route.ts';
import { defineScenario } from '../define-scenario.ts';
import { startBackend } from '../load-stage.ts';
import type { Disturbance } from './disturbances.ts';

const answered = 'every request is answered with 200';

const perSecond = 500;
/** With none of so many failed, less than one in ten thousand fails (95 %). */
export const fewestRequests = 30_000;
/** Kept connections hide what happens to those who come; a fifth are new. */
export const shares: GeneratorSettings['shares'] = { 'http/1.1 kept': 6, 'http/1.1 fresh': 1, 'h2 kept': 2, 'h2 fresh': 1 };
/** As rare a fault as must be found. */
const oneIn = 5000;

/** Requests at a fixed rate through something that should not cost any of them. */
export const zeroDowntime = (disturbance: Disturbance): Check =>
  defineScenario({
    id: `zero-downtime-${disturbance.id}`,
    title: `A gateway answers every request ${disturbance.title}`,
    feature: 'routing.http',
    specification: [
      { title: 'gateway-api-bench, route changes', url: 'https://github.com/howardjohn/gateway-api-bench' },
      { title: 'NGINX Gateway Fabric, zero downtime tests', url: 'https://github.com/nginx/nginx-gateway-fabric/tree/main/tests' },
    ],
    serial: true,
    requires: ['controller', 'gateways', 'proxies'],
    sabotages: [{ name: 'one-in-5000', title: 'One request in 5,000 goes to a backend that is not there', breaks: answered }],
    async run(context) {
      const { apply, expect, gateways, sabotaged, signal, tellChart, tellMeasured } = context;
      const host = context.hostname();
      const backend = await startBackend(context, 'backend');
      const live = await gateways.own(gateway('load').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
      const { name, port } = backend;
      const to = sabotaged('one-in-5000')
        ? [
            { name, port, weight: oneIn - 1 },
            { name: 'missing', port, weight: 1 },
          ]
        : { name, port };
      const writeRoute = (form: number) =>
        apply(
          httpRoute('app')
            .on(live)
            .host(host)
            .rule({ path: '/', filters: [responseHeaders({ set: { 'x-form': String(form) } })], to }),
        );
      await writeRoute(0);
      await expect.eventually('the route serves', async () => {
        const { response } = await live.get('/0k', { host });
        holds(response?.status === 200, '200', String(response?.status ?? 'no answer'));
      });

      await using generator = startGenerator({
        endpoint: live.endpoint(),
        host,
        streams: [{ name: 'allowed', forbidden: false, perSecond, request: { path: '/0k' } }],
        shares,
        idPrefix: `${context.namespace}-`,
        timeoutMs: 5000,
        mostInFlight: 4096,
      });
      let times = 0;
      while (generator.ended.length < fewestRequests) {
        signal.throwIfAborted();
        times += 1;
        await disturbance.happen({ ...context, live, writeRoute }, times);
      }
      const sent = await generator.stop();
      const { requests, failed, longestMs, mayFail, bySecond, came } = downtimeOf(sent);
      const cell = `${times} times`;
      tellMeasured(
        { cell, metric: 'requests', unit: 'count', value: requests },
        { cell, metric: 'failed', unit: 'count', value: failed },
        { cell, metric: 'longest outage', unit: 'ms', value: longestMs },
        { cell, metric: 'may fail (95 %)', unit: 'share', value: mayFail },
      );
      tellChart({
        title: 'Failed requests, by second',
        x: { title: 'seconds' },
        y: { title: 'failed' },
        form: 'line',
        series: [{ name: 'failed', points: bySecond.map((count, second) => [second, count]) }],
      });
      const instead = Object.entries(came).map(([what, count]) => `${count} x ${what}`);
      await expect.now(answered, () => holds(failed === 0, `all ${requests}`, `${failed} were not: ${instead.join(', ')}`));
    },
  });
