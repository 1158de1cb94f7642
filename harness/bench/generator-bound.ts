// SPDX-License-Identifier: Apache-2.0
import type { Ratio } from './overhead.ts';

/** What a driver did, on the gateway and on the backend without it. */
export interface Saturation {
  /** Requests a second through the gateway. */
  readonly rate: number;
  /** Requests a second without it. */
  readonly directRate: number;
  /** Processor time of the driver through the gateway, per second and thread of it. */
  readonly driverBusy: number;
  /** Processor time of the gateway's proxy per second, in processors. */
  readonly proxyBusy: number;
  /** Processors that the proxy may use. */
  readonly proxyProcessors: number;
}

/** Section 2 of the performance anchors; `saturated` is how busy a proxy is that cannot do more. */
const limits = { driverBusy: 0.7, fewestTimesDirect: 2, saturated: 0.85 };

/**
 * Why a rate is the driver's or the backend's and not the gateway's; undefined if it is the gateway's. A proxy that has nothing left is the limit, whoever else is
 * busy too.
 */
export function generatorBound({ rate, directRate, driverBusy, proxyBusy, proxyProcessors }: Saturation): string | undefined {
  if (proxyBusy >= limits.saturated * proxyProcessors) return undefined;
  const busy = `while the proxy used ${percent(proxyBusy / proxyProcessors)} of its processors`;
  if (driverBusy > limits.driverBusy) return `the driver used ${percent(driverBusy)} of its processor, ${busy}`;
  if (directRate < limits.fewestTimesDirect * rate)
    return `without the gateway it is only ${(directRate / rate).toFixed(1)} times as much, ${busy}`;
  return undefined;
}

/** Between what was due and what was sent may be so much; section 2 of the performance anchors. One more than was due is sent at the very end. */
const mostOff = 0.01;

/** What a driver with a fixed rate was to send, and what it did. */
export interface Offered {
  /** Requests that were to be sent. */
  readonly due: number;
  readonly requests: number;
  /** Requests that were due when nobody was free to send them. */
  readonly dropped: number;
}

/** Why latencies at a fixed rate are not of that rate: the driver sent less than it should have, or more; undefined if neither. */
export function notOffered({ due, requests, dropped }: Offered): string | undefined {
  const isOff = requests < due * (1 - mostOff) || requests > due * (1 + mostOff) + 1;
  return dropped > 0 || isOff ? `k6 sent ${requests} of ${due} requests, and dropped ${dropped}` : undefined;
}

/** Goal G12 of the performance anchors: by so much two drivers of the same work may differ. */
const mostApart = 0.1;

/**
 * Why a rate is the driver's own: another driver, of the same work at the same time, surely comes to another. Undefined if it does not, and where too little was
 * measured to be sure.
 *
 * @param ratio - to the rate of the other
 */
export function disagreement(ratio: Ratio | null, other: string): string | undefined {
  const { value, low, high } = ratio ?? { value: 1, low: null, high: null };
  if (low === null || high === null || (high >= 1 - mostApart && low <= 1 + mostApart)) return undefined;
  return `with one connection at a time it is ${value.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)}) of what ${other} makes`;
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
