// SPDX-License-Identifier: Apache-2.0
import { setTimeout as pause } from 'node:timers/promises';
import { holds } from '../../harness/check/matchers.ts';
import type { CheckContext } from '../../harness/check/check.ts';
import { assertSent } from '../../harness/bench/downtime.ts';
import { RequestTally } from '../../harness/bench/error-bursts.ts';
import { growthLimit, growthOf, memoryCurves, type Growth } from '../../harness/bench/growth.ts';
import type { Measurement } from '../../harness/bench/measurement.ts';
import { GauntletError } from '../../harness/errors.ts';
import { startGenerator, type Generator } from '../../harness/lifecycle/generator.ts';
import type { GeneratorSettings } from '../../harness/lifecycle/streams.ts';
import { watchMemory } from '../../harness/machine/memory-watch.ts';
import { podGroup } from '../../harness/machine/pod-group.ts';
import { seededRandom } from '../../harness/run/seed.ts';
import { formatDuration, seconds, type Duration } from '../../harness/units.ts';
import { gateway } from '../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../fixtures/gateway-api/http-route.ts';
import { defineScenario } from '../define-scenario.ts';
import { groupOfProxy, startBackend } from '../load-stage.ts';
import { leakInto } from './leak.ts';

const answered = 'every request is answered with 200';
const bounded = {
  proxy: 'the memory of the proxy does not grow',
  controller: 'the memory of the controller does not grow',
} as const;
type Watched = keyof typeof bounded | 'harness';

/** What two shared cores bear for hours beside everything else. */
const perSecond = 300;
const shares: GeneratorSettings['shares'] = { 'http/1.1 kept': 6, 'http/1.1 fresh': 1, 'h2 kept': 2, 'h2 fresh': 1 };
/** Caches, allocators and pools fill in the beginning, and stay so. */
const warmUp = seconds(20);
/** Of the sabotage: goal G11 of the performance anchors. */
const leak = 2 ** 20;
const oneIn = 500;
/** For a fault that shows at once. */
const moment = seconds(10);

/** Scenario 13 of the performance anchors. How long is the budget `soak`. */
export default defineScenario({
  id: 'soak',
  title: 'Under a steady load the memory of gateway and controller does not grow, and every request is answered',
  feature: 'routing.http',
  specification: [
    { title: 'NGINX Gateway Fabric, longevity tests', url: 'https://github.com/nginx/nginx-gateway-fabric/tree/main/tests' },
    { title: 'Künsch 1989, the bootstrap for stationary observations', url: 'https://doi.org/10.1214/aos/1176347265' },
  ],
  serial: true,
  requires: ['controller', 'gateways', 'proxies'],
  sabotages: [
    { name: 'proxy-leaks', title: 'Beside the proxy a process takes 1 MiB a minute', breaks: bounded.proxy },
    { name: 'controller-leaks', title: 'Beside the controller a process takes 4 MiB a minute', breaks: bounded.controller },
    { name: 'one-in-500', title: 'One request in 500 goes to a backend that is not there', breaks: answered },
  ],
  async run(context) {
    const { apply, attach, budgets, controller, expect, gateways, namespace, proxies, sabotaged, signal, tellChart, tellMeasured } =
      context;
    const host = context.hostname();
    const { name, port } = await startBackend(context, 'backend');
    const live = await gateways.own(gateway('load').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const to = sabotaged('one-in-500')
      ? [
          { name, port, weight: oneIn - 1 },
          { name: 'missing', port, weight: 1 },
        ]
      : { name, port };
    await apply(httpRoute('app').on(live).host(host).rule({ path: '/', to }));
    await expect.eventually('the route serves', async () => {
      const { response } = await live.get('/0k', { host });
      holds(response?.status === 200, '200', String(response?.status ?? 'no answer'));
    });
    const [pod] = await controller.pods();
    const groups = { proxy: await groupOfProxy(proxies, live), controller: await podGroup(pod?.metadata.uid ?? '') };

    await using generator = startGenerator({
      endpoint: live.endpoint(),
      host,
      streams: [{ name: 'allowed', forbidden: false, perSecond, request: { path: '/0k' } }],
      shares,
      idPrefix: `${namespace}-`,
      timeoutMs: 5000,
      mostInFlight: 4096,
    });
    const tally = new RequestTally(performance.timeOrigin + performance.now());
    const isBroken = sabotaged('one-in-500');
    await soaking(generator, tally, isBroken ? moment : warmUp, signal);
    if (sabotaged('proxy-leaks')) await leakInto(groups.proxy, leak, context);
    if (sabotaged('controller-leaks')) await leakInto(groups.controller, 4 * leak, context);
    const watch = watchMemory<Watched>({
      proxy: () => groups.proxy.memoryBytes(),
      controller: () => groups.controller.memoryBytes(),
      harness: () => Promise.resolve(process.memoryUsage.rss()),
    });
    await soaking(generator, tally, isBroken ? moment : budgets.soak, signal).finally(() => watch.stop());
    const { missed } = await generator.stop();
    tally.add(generator.take());
    assertSent({ requests: tally.requests, missed, unsent: tally.unsent });

    const random = seededRandom(tally.requests);
    const cells = Object.entries(watch.samples).map(([cell, samples]) => ({ cell, samples, growth: growthOf(samples, random) }));
    for (const { cell, samples, growth } of cells) tellMeasured(...growthMeasured(cell, samples, growth));
    const bursts = tally.bursts();
    tellMeasured(
      { cell: 'requests', metric: 'sent', unit: 'count', value: tally.requests },
      { cell: 'requests', metric: 'failed', unit: 'count', value: tally.failed },
      { cell: 'requests', metric: 'bursts of failures', unit: 'count', value: bursts.length },
    );
    tellChart({
      title: 'Memory over time',
      x: { title: 'minutes' },
      y: { title: 'MiB' },
      form: 'line',
      series: cells.flatMap(({ cell, samples, growth }) => memoryCurves(cell, samples, growth)),
    });
    if (bursts.length > 0) attach('Failed requests by second', JSON.stringify(bursts, undefined, 2), 'application/json');

    await expect.now(answered, () => {
      const when = bursts.map(({ failed, fromSecond, toSecond }) => `${failed} from second ${fromSecond} to ${toSecond}`);
      holds(tally.failed === 0, `all ${tally.requests}`, `${tally.failed} were not: ${when.slice(0, 10).join(', ')}`);
    });
    for (const [cell, expectation] of Object.entries(bounded)) {
      const growth = cells.find((one) => one.cell === cell)?.growth;
      if (growth === undefined) throw tooShort(budgets.soak);
      const { low } = growth;
      await expect.now(expectation, () => holds(low <= growthLimit, `${perMinute(growthLimit)} at most`, `${perMinute(low)} at least`));
    }
  },
});

/** Lets so much time pass, and keeps nothing of what the generator did but its count. */
async function soaking(generator: Generator, tally: RequestTally, { ms }: Duration, signal: CheckContext['signal']): Promise<void> {
  const until = performance.now() + ms;
  for (let left = ms; left > 0; left = until - performance.now()) {
    await pause(Math.min(left, 1000), undefined, { signal });
    tally.add(generator.take());
  }
}

function growthMeasured(cell: string, samples: readonly { readonly bytes: number }[], growth: Growth | undefined): readonly Measurement[] {
  const bytes = samples.map((sample) => sample.bytes);
  const slope = (metric: string, value: number | undefined): Measurement => ({
    cell,
    metric,
    unit: 'bytes per minute',
    value: value ?? null,
  });
  return [
    { cell, metric: 'memory at first', unit: 'bytes', value: bytes[0] ?? null },
    { cell, metric: 'at last', unit: 'bytes', value: bytes.at(-1) ?? null },
    slope('growth', growth?.value),
    slope('from (98 %)', growth?.low),
    slope('to (98 %)', growth?.high),
    slope('would be found from', growth?.foundFrom),
  ];
}

const perMinute = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(2)} MiB a minute`;

const tooShort = (soak: Duration): GauntletError =>
  new GauntletError('GAUNTLET_INCONCLUSIVE', `A soak of ${formatDuration(soak)} says nothing of memory`, {
    hint: 'Give it a minute at least: --budget soak=90.',
  });
