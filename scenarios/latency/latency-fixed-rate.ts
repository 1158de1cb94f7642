// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { holds } from '../../harness/check/matchers.ts';
import { runK6, type FixedRateResult } from '../../harness/bench/drivers/k6.ts';
import { notOffered } from '../../harness/bench/generator-bound.ts';
import type { Measurement } from '../../harness/bench/measurement.ts';
import { gateway } from '../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../fixtures/gateway-api/http-route.ts';
import { defineScenario } from '../define-scenario.ts';
import { groupOfProxy, startBackend } from '../load-stage.ts';

const answered = 'every request is answered rightly';

/** What two shared cores can be asked for beside the gateway and the backend; more would measure k6. */
const rates = [100, 300, 600] as const;
const seconds = 15;
/** Beyond this the numbers are k6's own. */
const mostBusy = 0.7;

/** Scenario 2 of the performance anchors: latency where the gateway is not at its limit, at a rate that does not wait for answers. */
export default defineScenario({
  id: 'latency-fixed-rate',
  title: 'The gateway answers all requests of a fixed rate, and adds little to what the backend takes',
  feature: 'routing.http',
  specification: [
    { title: 'k6: open and closed models', url: 'https://grafana.com/docs/k6/latest/using-k6/scenarios/concepts/open-vs-closed/' },
  ],
  serial: true,
  requires: ['gateways', 'proxies'],
  sabotages: [{ name: 'broken', title: 'One request in a hundred goes to a backend that is not there', breaks: answered }],
  async run(context) {
    const { apply, expect, gateways, proxies, sabotaged, signal, tellMeasured, tools } = context;
    const host = context.hostname();
    const { name, port, endpoint } = await startBackend(context, 'backend');
    const live = await gateways.own(gateway('load').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const to = sabotaged('broken')
      ? [
          { name, port, weight: 99 },
          { name: 'missing', port, weight: 1 },
        ]
      : { name, port };
    await apply(httpRoute('load').on(live).host(host).rule({ path: '/', to }));
    await expect.eventually('the route serves', async () => {
      const { response } = await live.get('/', { host });
      holds(response?.status === 200, '200', String(response?.status ?? 'no answer'));
    });
    const k6 = join(tools.toolDirectories['k6'] ?? '', 'k6');
    const script = join(import.meta.dirname, 'fixed-rate.k6.ts');
    const ask = (perSecond: number, at = live.endpoint()) =>
      runK6(k6, script, { endpoint: at, host, path: '/', perSecond, seconds }, signal);
    const group = await groupOfProxy(proxies, live);
    let [failed, requests] = [0, 0];
    for (const perSecond of rates) {
      const before = await group.cpuSeconds();
      const through = await ask(perSecond);
      const proxyCpu = (await group.cpuSeconds()) - before;
      const direct = await ask(perSecond, endpoint);
      failed += through.failed;
      requests += through.requests;
      tellMeasured(...measurementsOf(perSecond, { through, direct, proxyCpu }));
    }
    await expect.now(answered, () => holds(failed === 0, `all ${requests}`, `${failed} were not`));
  },
});

function measurementsOf(
  perSecond: number,
  { through, direct, proxyCpu }: { readonly through: FixedRateResult; readonly direct: FixedRateResult; readonly proxyCpu: number },
): readonly Measurement[] {
  const cell = `${perSecond} a second`;
  const bound = [through, direct].map((result) => tooBusy(perSecond, result)).find((reason) => reason !== undefined);
  const invalid = bound === undefined ? {} : { invalid: bound };
  const latency = (metric: string, key: 'p50' | 'p90' | 'p99' | 'p999' | 'max'): Measurement => ({
    cell,
    metric,
    unit: 'ms',
    value: through[key],
    direct: direct[key],
    ...invalid,
  });
  return [
    { cell, metric: 'achieved', unit: 'per second', value: through.requests / seconds, direct: direct.requests / seconds },
    latency('p50', 'p50'),
    latency('p90', 'p90'),
    latency('p99', 'p99'),
    latency('p99.9', 'p999'),
    latency('max', 'max'),
    { cell, metric: 'processor time per request', unit: 'ms', value: (1000 * proxyCpu) / through.requests },
    { cell, metric: 'failed', unit: 'count', value: through.failed, direct: direct.failed },
    { cell, metric: 'k6 busy', unit: 'share', value: through.busy, direct: direct.busy },
  ];
}

/** Why latencies are the driver's own. */
function tooBusy(perSecond: number, { requests, dropped, busy }: FixedRateResult): string | undefined {
  const missing = notOffered({ due: perSecond * seconds, requests, dropped });
  return missing ?? (busy > mostBusy ? `k6 used ${(100 * busy).toFixed(0)} % of a processor` : undefined);
}
