// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { holds } from '../../harness/check/matchers.ts';
import { loadWithH2load } from '../../harness/bench/drivers/h2load.ts';
import { runK6 } from '../../harness/bench/drivers/k6.ts';
import type { LoadResult } from '../../harness/bench/drivers/load.ts';
import { loadWithWrk } from '../../harness/bench/drivers/wrk.ts';
import { defineScenario } from '../define-scenario.ts';
import { startBackend } from '../load-stage.ts';

const frugal = 'the driver that the gate uses makes at least 0.9 times as many requests of its processor time as any other';

const connections = 16;
const seconds = 5;
const leastShare = 0.9;
/** More than k6 can send on half of such a machine: what it drops is not counted. */
const asMuchAsItCan = 3000;

/** Goal G6 of the performance anchors: drivers side by side on the backend for load, without a gateway; the driver on one processor, the backend on another. */
export default defineScenario({
  id: 'driver-comparison',
  title: 'The driver of the gate costs the machine least',
  feature: 'routing.http',
  specification: [{ title: 'wrk', url: 'https://github.com/wg/wrk' }],
  serial: true,
  requires: [],
  sabotages: [{ name: 'k6-instead', title: 'k6 stands in for the driver of the gate', breaks: frugal }],
  async run(context) {
    const { expect, sabotaged, signal, tellMeasured, tools } = context;
    const backend = await startBackend(context, 'backend');
    await backend.group.pin('1');
    const program = (name: string): string => join(tools.toolDirectories[name] ?? '', name);
    const load = { endpoint: backend.endpoint, host: 'load', path: '/', connections, seconds, processors: '0' };
    const script = join(import.meta.dirname, '..', 'latency', 'fixed-rate.k6.ts');
    const k6 = async (): Promise<Pick<LoadResult, 'served' | 'failed' | 'cpuSeconds' | 'seconds'>> => {
      const { requests, failed, busy } = await runK6(program('k6'), script, { ...load, perSecond: asMuchAsItCan }, signal);
      return { served: requests - failed, failed, cpuSeconds: busy * seconds, seconds };
    };
    const drivers = {
      wrk: () => (sabotaged('k6-instead') ? k6() : loadWithWrk(program('wrk'), load, signal)),
      'h2load, HTTP/1.1': () => loadWithH2load(program('h2load'), { ...load, protocol: 'http/1.1' }, signal),
      'h2load, HTTP/2': () => loadWithH2load(program('h2load'), { ...load, protocol: 'h2c' }, signal),
      'k6, both processors': k6,
    };
    const perSecond = new Map<string, number>();
    for (const [cell, run] of Object.entries(drivers)) {
      const { served, failed, cpuSeconds, seconds: lasted } = await run();
      perSecond.set(cell, served / cpuSeconds);
      tellMeasured(
        { cell, metric: 'requests', unit: 'per second', value: served / lasted },
        { cell, metric: 'busy', unit: 'share', value: cpuSeconds / lasted },
        { cell, metric: 'requests for each second of its processor time', unit: 'count', value: served / cpuSeconds },
        { cell, metric: 'failed', unit: 'count', value: failed },
      );
    }
    const best = Math.max(...perSecond.values());
    const own = perSecond.get('wrk') ?? 0;
    await expect.now(frugal, () => holds(own >= leastShare * best, `at least ${(leastShare * best).toFixed(0)}`, own.toFixed(0)));
  },
});
