// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { latencyHistogram, type LoadOptions, type LoadResult } from './drivers/load.ts';
import { metricIds, type MetricId } from './metrics.ts';
import { playWindow, type Contestant, type Duet } from './duet.ts';

interface Scene {
  readonly failed?: number;
  readonly samples?: number;
  readonly driverCpu?: number;
  readonly stolen?: number;
  /** Of the proxy, for each reading. */
  readonly cpu?: readonly number[];
  readonly memoryBytes?: number;
  readonly latencyUs?: number;
}

function scene({ failed = 0, samples = 20_000, driverCpu = 0.2, stolen = 0, cpu = [1, 2], memoryBytes = 4096, latencyUs = 2000 }: Scene) {
  const loads: LoadOptions[] = [];
  const pinned: string[] = [];
  const contestant = (name: string, port: number): Contestant => {
    const readings = [...cpu];
    return {
      endpoint: { address: '198.18.0.1', port },
      group: {
        cpuSeconds: () => Promise.resolve(readings.shift() ?? 0),
        memoryBytes: () => Promise.resolve(memoryBytes),
        pin: (processors) => Promise.resolve(void pinned.push(`${name} ${processors}`)),
        limit: () => Promise.resolve(),
        processes: () => Promise.resolve([]),
        adopt: () => Promise.resolve(),
      },
    };
  };
  const load = (options: LoadOptions): Promise<LoadResult> => {
    loads.push(options);
    const latency = latencyHistogram();
    if (samples > 0) latency.recordValueWithCount(latencyUs, samples);
    return Promise.resolve({ served: samples - failed, failed, seconds: 2, latency, cpuSeconds: driverCpu });
  };
  let read = 0;
  const duet: Duet = {
    places: [
      { processors: '0', path: '/0' },
      { processors: '1', path: '/1' },
    ],
    host: 'app.test',
    connections: 16,
    seconds: 2,
    load,
    processorTime: () => Promise.resolve((read += 1) === 1 ? { total: 0, stolen: 0 } : { total: 400, stolen: 400 * stolen }),
  };
  const sides = { baseline: contestant('baseline', 1), candidate: contestant('candidate', 2) };
  return { duet, sides, loads, pinned };
}

describe('a window', () => {
  it.each([false, true])('has each gateway on a place of its own (swapped: %s)', async (swapped) => {
    const { duet, sides, loads, pinned } = scene({});
    await playWindow(duet, sides, { kind: 'compare', swapped });
    const [own, other] = swapped ? ['1', '0'] : ['0', '1'];
    expect(pinned).toEqual([`baseline ${own}`, `candidate ${other}`]);
    expect(loads.map(({ endpoint, path, processors }) => [endpoint.port, path, processors])).toEqual([
      [1, `/${own}`, own],
      [2, `/${other}`, other],
    ]);
  });

  it('tells what each of them did', async () => {
    const { duet, sides } = scene({ failed: 1000 });
    const window = await playWindow(duet, sides, { kind: 'noise', swapped: false });
    expect(window).toMatchObject({ kind: 'noise', swapped: false });
    expect(window.invalid).toBeUndefined();
    expect(window.baseline).toMatchObject({ requests: 19_000, failed: 1000 });
    expect(window.candidate.values).toMatchObject({
      goodRate: 9500,
      p50: expect.closeTo(2, 2) as number,
      cpuPerRequest: 1 / 20_000,
      memory: 4096,
    });
  });

  it('has no number for what was not measured', async () => {
    const nothing = scene({ samples: 0 });
    const { baseline } = await playWindow(nothing.duet, nothing.sides, { kind: 'compare', swapped: false });
    expect(baseline.values).toMatchObject({ goodRate: null, p50: null, p99: null, cpuPerRequest: null });
    const idle = scene({ cpu: [1, 1], samples: 9000 });
    expect((await playWindow(idle.duet, idle.sides, { kind: 'compare', swapped: false })).candidate.values).toMatchObject({
      cpuPerRequest: null,
      p99: null,
    });
  });

  it('says nothing of the gateways where the driver or the hypervisor was the limit', async () => {
    const bound = scene({ driverCpu: 1.6 });
    expect((await playWindow(bound.duet, bound.sides, { kind: 'compare', swapped: false })).invalid).toBe(
      'the driver was the limit: it used 80 % of its processor',
    );
    const robbed = scene({ stolen: 0.1 });
    expect((await playWindow(robbed.duet, robbed.sides, { kind: 'compare', swapped: false })).invalid).toContain('took 10 %');
  });

  it('has numbers that follow what was measured, each of them', async () => {
    const valuesOf = async (changes: Scene): Promise<Readonly<Record<MetricId, number | null>>> => {
      const { duet, sides } = scene(changes);
      return (await playWindow(duet, sides, { kind: 'compare', swapped: false })).candidate.values;
    };
    const before = await valuesOf({});
    const changed: Readonly<Record<MetricId, Scene>> = {
      goodRate: { failed: 5000 },
      ...{ p50: { latencyUs: 4000 }, mean: { latencyUs: 4000 }, p90: { latencyUs: 4000 }, p99: { latencyUs: 4000 } },
      cpuPerRequest: { cpu: [1, 3] },
      memory: { memoryBytes: 8192 },
    };
    for (const metric of metricIds) {
      expect(before[metric]).not.toBeNull();
      expect((await valuesOf(changed[metric]))[metric], metric).not.toBe(before[metric]);
    }
  });
});
