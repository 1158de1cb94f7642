// SPDX-License-Identifier: Apache-2.0
import type { Check, Sabotage } from '../../harness/check/check.ts';
import { holds } from '../../harness/check/matchers.ts';
import type { LoadResult } from '../../harness/bench/drivers/load.ts';
import { generatorBound } from '../../harness/bench/generator-bound.ts';
import type { Measurement } from '../../harness/bench/measurement.ts';
import { defineScenario } from '../define-scenario.ts';
import { groupOfProxy, processorsOfStage } from '../load-stage.ts';
import { allCells, cellSeconds, cellsWithin, type ThroughputCell } from './cells.ts';
import { programIn, type Protocol } from './protocols.ts';
import { throughputStage } from './throughput-stage.ts';

const asked = 'a client that shows no certificate is refused';

/** A cell through the gateway, and the same without. */
interface Played {
  readonly through: LoadResult;
  readonly direct: LoadResult;
  /** Processor time of the proxy meanwhile, in seconds. */
  readonly proxyCpu: number;
}

/** Scenario 1 of the performance anchors: one for each protocol. */
export function throughput(protocol: Protocol): Check {
  const { id, title, feature, specification, sends, listener } = protocol;
  const answered = sends === 'requests' ? 'every request is answered rightly' : 'every message comes back as it was sent';
  const broken: Sabotage = { name: 'broken', title: 'Half of the requests go to a backend that is not there', breaks: answered };
  const unasked: Sabotage = { name: 'certificate-not-asked', title: 'The listener asks for no client certificate', breaks: asked };
  const isMutual = listener === 'mutual-tls';
  return defineScenario({
    id: `throughput-${id}`,
    title: `The gateway takes as many ${sends} over ${title} as it can, and all of them, by connections and size`,
    feature,
    specification,
    serial: true,
    requires: ['gateways', 'proxies'],
    sabotages: isMutual ? [broken, unasked] : [broken],
    async run(context) {
      const { budgets, expect, proxies, sabotaged, signal, tellChart, tellMeasured, tools } = context;
      const isBroken = sabotaged('broken');
      const asksNobody = isMutual && sabotaged('certificate-not-asked');
      const stage = await throughputStage(context, protocol, { isBroken, asksNobody });
      await expect.eventually('the route serves', stage.serves, isBroken ? { streak: 1 } : {});
      if (isMutual) await expect.eventually(asked, stage.refusesStrangers);
      const on = processorsOfStage();
      const proxy = await groupOfProxy(proxies, stage.live);
      await proxy.pin(on.proxy);
      if (protocol.proxyProcessors < 1) await proxy.limit(protocol.proxyProcessors);
      await stage.servers.pin(on.others);

      const play = async ({ path, bytes, connections }: ThroughputCell): Promise<Played> => {
        const { host, identity } = stage;
        const window = { host, path, bytes, connections, ...(identity === undefined ? {} : { identity }) };
        const through = { ...window, endpoint: stage.live.endpoint(), processors: on.others, isDirect: false };
        const direct = { ...window, endpoint: stage.direct, processors: on.proxy, isDirect: true };
        const surroundings = { program: programIn(tools.toolDirectories), signal };
        const warm = await protocol.load({ ...through, seconds: cellSeconds.warmUp }, surroundings);
        const rate = (warm.served + warm.failed) / warm.seconds;
        const before = await proxy.cpuSeconds();
        const result = await protocol.load({ ...through, seconds: cellSeconds.through, rate }, surroundings);
        const proxyCpu = (await proxy.cpuSeconds()) - before;
        return { through: result, direct: await protocol.load({ ...direct, seconds: cellSeconds.direct, rate }, surroundings), proxyCpu };
      };
      let [failed, all] = [0, 0];
      const rates = new Map<string, [number, number][]>();
      const cells = isBroken || asksNobody ? cellsWithin({ ms: 0 }) : protocol.playsAll ? allCells : cellsWithin(budgets.throughput);
      for (const cell of cells) {
        const played = await play(cell);
        const { through } = played;
        failed += through.failed;
        all += through.failed + through.served;
        const series = cell.title.replace(/^.*, /, '');
        rates.set(series, [...(rates.get(series) ?? []), [cell.connections, through.served / through.seconds]]);
        tellMeasured(...measurementsOf(protocol, cell, played));
      }
      tellChart({
        title: `${sends === 'requests' ? 'Requests' : 'Messages'} a second by connections`,
        x: { title: 'connections', scale: 'logarithmic' },
        y: { title: `${sends} a second` },
        form: 'line',
        series: [...rates].map(([name, points]) => ({ name, points })),
      });
      await expect.now(answered, () => holds(failed === 0, `all ${all}`, `${failed} were not`));
    },
  });
}

function measurementsOf(
  { sends, proxyProcessors }: Protocol,
  { title: cell }: ThroughputCell,
  { through, direct, proxyCpu }: Played,
): readonly Measurement[] {
  const [rate, directRate] = [through, direct].map(({ served, seconds }) => served / seconds) as [number, number];
  const bound = generatorBound({
    rate,
    directRate,
    driverBusy: through.cpuSeconds / through.seconds,
    proxyBusy: proxyCpu / through.seconds,
    proxyProcessors,
  });
  const invalid = bound === undefined ? {} : { invalid: bound };
  const all = through.served + through.failed;
  const at = ({ latency }: LoadResult, percentile: number): number | null =>
    latency.totalCount === 0 ? null : latency.getValueAtPercentile(percentile) / 1000;
  return [
    { cell, metric: sends, unit: 'per second', value: rate, direct: directRate, ...invalid },
    ...[50, 99].map((percentile): Measurement => ({
      cell,
      metric: `p${percentile}`,
      unit: 'ms',
      value: at(through, percentile),
      direct: at(direct, percentile),
      ...invalid,
    })),
    {
      cell,
      metric: `processor time per ${sends === 'requests' ? 'request' : 'message'}`,
      unit: 'ms',
      value: all === 0 ? null : (1000 * proxyCpu) / all,
    },
    { cell, metric: 'proxy busy', unit: 'share', value: proxyCpu / through.seconds },
    { cell, metric: 'not answered rightly', unit: 'count', value: through.failed, direct: direct.failed },
  ];
}
