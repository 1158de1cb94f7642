// SPDX-License-Identifier: Apache-2.0
import { build, type Histogram } from 'hdr-histogram-js';
import type { ProbeEndpoint } from '../../probe/exchange.ts';

/** Load on one address for a stretch of time, as much as it takes (closed loop). */
export interface LoadOptions {
  readonly endpoint: ProbeEndpoint;
  readonly host: string;
  readonly path: string;
  /** Kept connections, each with one request at a time. */
  readonly connections: number;
  /** Whole seconds. */
  readonly seconds: number;
  /** The driver runs on these processors alone: `0`, `0-1`. */
  readonly processors: string;
}

/** What came of it. */
export interface LoadResult {
  /** Requests that were answered with a status below 400. */
  readonly served: number;
  /** Requests that were not: another status, no answer, no connection. */
  readonly failed: number;
  /** How long the load was there, in seconds; not what was asked for. */
  readonly seconds: number;
  /** Microseconds from sending to the end of the answer. */
  readonly latency: Histogram;
  /** Processor time of the driver itself. */
  readonly cpuSeconds: number;
}

/** An empty histogram of microseconds: up to a minute, to three digits. */
export const latencyHistogram = (): Histogram =>
  build({ lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000, numberOfSignificantValueDigits: 3, useWebAssembly: false });
