// SPDX-License-Identifier: Apache-2.0
import type { Duration } from '../../harness/units.ts';
import { defaultPayload, payloads } from '../../mocks/load-backend/envoy-configuration.ts';

/** What is varied in a scenario of throughput. */
export interface ThroughputCell {
  readonly connections: number;
  /** End of the path that is asked for. */
  readonly path: keyof typeof payloads | '/1k';
  /** Bytes of each answer's body, or of each message. */
  readonly bytes: number;
  /** As tables name it: `16 connections, 1 KiB`. */
  readonly title: string;
}

/** Of each cell, in seconds: warming up, through the gateway, and without it. */
export const cellSeconds = { warmUp: 1, through: 3, direct: 3 } as const;

const sizes = [
  { path: '/0k', bytes: payloads['/0k'], title: 'no body' },
  { path: '/1k', bytes: defaultPayload, title: '1 KiB' },
  { path: '/4k', bytes: payloads['/4k'], title: '4 KiB' },
  { path: '/16k', bytes: payloads['/16k'], title: '16 KiB' },
] as const;
const connectionCounts = [1, 16, 32, 512] as const;

/** All sixteen: each size with each number of connections. */
export const allCells: readonly ThroughputCell[] = sizes.flatMap(({ title, ...size }) =>
  connectionCounts.map((connections) => ({
    ...size,
    connections,
    title: `${connections} ${connections === 1 ? 'connection' : 'connections'}, ${title}`,
  })),
);

/** Those that say most, first: the ends of both scales. */
const first = ['16 connections, no body', '1 connection, no body', '512 connections, no body', '16 connections, 16 KiB'];

/** As many cells as there is time for, at least one; those that say most if not all. */
export function cellsWithin(time: Duration): readonly ThroughputCell[] {
  const each = 1000 * (cellSeconds.warmUp + cellSeconds.through + cellSeconds.direct);
  const rank = ({ title }: ThroughputCell): number => (first.includes(title) ? first.indexOf(title) : first.length);
  const chosen = allCells.toSorted((a, b) => rank(a) - rank(b)).slice(0, Math.max(1, Math.floor(time.ms / each)));
  return allCells.filter((cell) => chosen.includes(cell));
}
