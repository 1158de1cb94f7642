// SPDX-License-Identifier: Apache-2.0
import type { PodGroup } from '../machine/pod-group.ts';
import type { ProcessorTime } from '../machine/processor-time.ts';
import type { ProbeEndpoint } from '../probe/exchange.ts';
import type { LoadOptions, LoadResult } from './drivers/load.ts';
import type { Window } from './recording.ts';

/** A gateway that is compared with another one. */
export interface Contestant {
  readonly endpoint: ProbeEndpoint;
  /** Its proxy. */
  readonly group: PodGroup;
}

/** Where one side of a duet plays: on processors of its own, before a backend of its own. */
export interface Place {
  readonly processors: string;
  /** Path on which every contestant leads to the backend of this place. */
  readonly path: string;
}

/** What all windows of a duet have in common. */
export interface Duet {
  readonly places: readonly [Place, Place];
  readonly host: string;
  readonly connections: number;
  readonly seconds: number;
  readonly load: (options: LoadOptions) => Promise<LoadResult>;
  readonly processorTime: () => Promise<ProcessorTime>;
}

/** A percentile needs so many samples beyond it to be more than an accident. */
const fewestFor99 = 10_000;
/** Beyond these a window says more of the machine or of the driver than of the gateways. */
const limits = { stolen: 0.05, driver: 0.7 };

/**
 * One window: both gateways under load at the same time, each on its place, so that what the machine does to one it does to the other. With `swapped`
 * they have changed places.
 */
export async function playWindow(
  duet: Duet,
  { baseline, candidate }: { readonly baseline: Contestant; readonly candidate: Contestant },
  { kind, swapped }: Pick<Window, 'kind' | 'swapped'>,
): Promise<Window> {
  const [first, second] = duet.places;
  const sides = [
    { contestant: baseline, place: swapped ? second : first },
    { contestant: candidate, place: swapped ? first : second },
  ] as const;
  await Promise.all(sides.map(({ contestant, place }) => contestant.group.pin(place.processors)));
  const before = await duet.processorTime();
  const at = Date.now();
  const [one, other] = await Promise.all(sides.map((side) => playSide(duet, side)));
  const after = await duet.processorTime();
  if (one === undefined || other === undefined) throw new Error('a duet has two sides');
  const stolen = (after.stolen - before.stolen) / (after.total - before.total);
  const driver = Math.max(one.driver, other.driver);
  const invalid = [
    ...(stolen > limits.stolen ? [`the hypervisor took ${percent(stolen)} of the machine away`] : []),
    ...(driver > limits.driver ? [`the driver was the limit: it used ${percent(driver)} of its processor`] : []),
  ];
  return {
    kind,
    swapped,
    at,
    baseline: one.side,
    candidate: other.side,
    ...(invalid.length === 0 ? {} : { invalid: invalid.join('; ') }),
  };
}

async function playSide(
  { host, connections, seconds, load }: Duet,
  { contestant: { endpoint, group }, place: { processors, path } }: { readonly contestant: Contestant; readonly place: Place },
): Promise<{ readonly side: Window['baseline']; readonly driver: number }> {
  const before = await group.cpuSeconds();
  const result = await load({ endpoint, host, path, connections, seconds, processors });
  const cpu = (await group.cpuSeconds()) - before;
  const { served, failed, latency } = result;
  const at = (percentile: number): number | null => known(latency.getValueAtPercentile(percentile) / 1000);
  const values: Window['baseline']['values'] = {
    goodRate: known(served / result.seconds),
    p50: at(50),
    mean: known(latency.mean / 1000),
    p90: at(90),
    p99: latency.totalCount >= fewestFor99 ? at(99) : null,
    cpuPerRequest: known(cpu / (served + failed)),
    memory: known(await group.memoryBytes()),
  };
  return { side: { values, requests: served, failed }, driver: result.cpuSeconds / result.seconds };
}

/** A number above 0, or what is recorded where there is none. */
const known = (value: number): number | null => (Number.isFinite(value) && value > 0 ? value : null);

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
