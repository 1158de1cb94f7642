// SPDX-License-Identifier: Apache-2.0
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { holds } from '../../harness/check/matchers.ts';
import type { LoadOptions, LoadResult } from '../../harness/bench/drivers/load.ts';
import { loadWithWrk } from '../../harness/bench/drivers/wrk.ts';
import { generatorBound } from '../../harness/bench/generator-bound.ts';
import type { Measurement } from '../../harness/bench/measurement.ts';
import { gateway } from '../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../fixtures/gateway-api/http-route.ts';
import { defineScenario } from '../define-scenario.ts';
import { groupOfProxy, startBackend } from '../load-stage.ts';

const answered = 'every request is answered rightly';

const connectionCounts = [1, 16, 32, 512] as const;
const payloads = [
  { path: '/0k', title: 'no body' },
  { path: '/', title: '1 KiB' },
  { path: '/4k', title: '4 KiB' },
  { path: '/16k', title: '16 KiB' },
] as const;

/** Of each cell, through the gateway and then without it. */
const windowSeconds = 3;
const warmUpSeconds = 1;

/** A cell through the gateway, and the same without. */
interface Cell {
  readonly connections: number;
  readonly through: LoadResult;
  readonly direct: LoadResult;
  /** Processor time of the proxy meanwhile, in seconds. */
  readonly proxyCpu: number;
}

/** Scenario 1 of the performance anchors, over HTTP/1.1 without TLS. */
export default defineScenario({
  id: 'throughput-http1',
  title: 'The gateway answers as many requests as it can, and all of them, by connections and size of the answer',
  feature: 'routing.http',
  specification: [{ title: 'gateway-api-bench, traffic performance', url: 'https://github.com/howardjohn/gateway-api-bench' }],
  serial: true,
  requires: ['gateways', 'proxies'],
  sabotages: [{ name: 'broken', title: 'One request in twenty goes to a backend that is not there', breaks: answered }],
  async run(context) {
    const { expect, gateways, proxies, apply, tellMeasured, tellChart, sabotaged, signal } = context;
    const host = context.hostname();
    const backend = await startBackend(context, 'backend');
    const live = await gateways.own(gateway('load').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const to = sabotaged('broken')
      ? [
          { ...backend, weight: 19 },
          { ...backend, name: 'missing', weight: 1 },
        ].map(referred)
      : referred(backend);
    await apply(httpRoute('load').on(live).host(host).rule({ path: '/', to }));
    await expect.eventually('the route serves', async () => {
      const { response } = await live.get('/', { host });
      holds(response?.status === 200, '200', String(response?.status ?? 'no answer'));
    });
    // The proxy has a processor of its own, so that what the driver needs is not taken from it.
    const [proxy, others] = [String(availableParallelism() - 1), availableParallelism() > 2 ? `0-${availableParallelism() - 2}` : '0'];
    const group = await groupOfProxy(proxies, live);
    await group.pin(proxy);
    await backend.group.pin(others);
    const wrk = join(context.tools.toolDirectories['wrk'] ?? '', 'wrk');
    const load = (options: Omit<LoadOptions, 'host' | 'processors'>, processors = others) =>
      loadWithWrk(wrk, { ...options, host, processors }, signal);

    let failed = 0;
    let asked = 0;
    const rates: Record<string, [number, number][]> = {};
    for (const { path, title } of payloads) {
      for (const connections of connectionCounts) {
        await load({ endpoint: live.endpoint(), path, connections, seconds: warmUpSeconds });
        const before = await group.cpuSeconds();
        const through = await load({ endpoint: live.endpoint(), path, connections, seconds: windowSeconds });
        const proxyCpu = (await group.cpuSeconds()) - before;
        const direct = await load({ endpoint: backend.endpoint, path, connections, seconds: windowSeconds }, proxy);
        failed += through.failed;
        asked += through.failed + through.served;
        (rates[title] ??= []).push([connections, through.served / through.seconds]);
        tellMeasured(
          ...measurementsOf(`${connections} ${connections === 1 ? 'connection' : 'connections'}, ${title}`, {
            connections,
            through,
            direct,
            proxyCpu,
          }),
        );
      }
    }
    tellChart({
      title: 'Requests a second by connections',
      x: { title: 'connections', scale: 'logarithmic' },
      y: { title: 'requests a second' },
      form: 'line',
      series: Object.entries(rates).map(([name, points]) => ({ name, points })),
    });
    await expect.now(answered, () => holds(failed === 0, `all ${asked}`, `${failed} were not`));
  },
});

const referred = ({ name, port, weight }: { readonly name: string; readonly port: number; readonly weight?: number }) => ({
  name,
  port,
  ...(weight === undefined ? {} : { weight }),
});

function measurementsOf(cell: string, { through, direct, proxyCpu }: Cell): readonly Measurement[] {
  const [rate, directRate] = [through, direct].map(({ served, seconds }) => served / seconds) as [number, number];
  const bound = generatorBound({
    rate,
    directRate,
    driverBusy: through.cpuSeconds / through.seconds,
    proxyBusy: proxyCpu / through.seconds,
    proxyProcessors: 1,
  });
  const invalid = bound === undefined ? {} : { invalid: bound };
  const requests = through.served + through.failed;
  const at = ({ latency }: LoadResult, percentile: number): number | null =>
    latency.totalCount === 0 ? null : latency.getValueAtPercentile(percentile) / 1000;
  return [
    { cell, metric: 'requests', unit: 'per second', value: rate, direct: directRate, ...invalid },
    ...[50, 99].map((percentile): Measurement => ({
      cell,
      metric: `p${percentile}`,
      unit: 'ms',
      value: at(through, percentile),
      direct: at(direct, percentile),
      ...invalid,
    })),
    { cell, metric: 'processor time per request', unit: 'ms', value: requests === 0 ? null : (1000 * proxyCpu) / requests },
    { cell, metric: 'proxy busy', unit: 'share', value: proxyCpu / through.seconds },
    { cell, metric: 'not answered rightly', unit: 'count', value: through.failed, direct: direct.failed },
  ];
}
