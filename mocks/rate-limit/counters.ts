// SPDX-License-Identifier: Apache-2.0
import type { RateLimitDescriptor } from '../../harness/probe/exchange.ts';
import type { RateLimit } from './behaviour.ts';
import type { DescriptorStatus } from './messages.ts';

const secondsOf: Readonly<Record<RateLimit['unit'], number>> = { SECOND: 1, MINUTE: 60, HOUR: 3600, DAY: 86_400 };

/** Counts what was asked about against limits. A count only grows: windows that end would make outcomes depend on when a check runs. */
export class Counters {
  readonly #limits: readonly RateLimit[];
  readonly #hits = new Map<string, number>();

  constructor(limits: readonly RateLimit[]) {
    this.#limits = limits;
  }

  /** Counts hits of a descriptor, and says how it stands with them. */
  hit(domain: string, descriptor: RateLimitDescriptor, hits: number): DescriptorStatus {
    const index = this.#limits.findIndex((limit) => isAbout(limit, domain, descriptor));
    const limit = this.#limits[index];
    if (limit === undefined) return { code: 'OK' };
    const key = JSON.stringify([index, descriptor.map(({ value }) => value)]);
    const total = (this.#hits.get(key) ?? 0) + hits;
    this.#hits.set(key, total);
    return {
      code: total > limit.requests ? 'OVER_LIMIT' : 'OK',
      currentLimit: { requestsPerUnit: limit.requests, unit: limit.unit },
      limitRemaining: Math.max(0, limit.requests - total),
      durationUntilReset: { seconds: secondsOf[limit.unit] },
    };
  }
}

function isAbout({ domain, entries }: RateLimit, asked: string, descriptor: RateLimitDescriptor): boolean {
  if (domain !== undefined && domain !== asked) return false;
  return (
    entries.length === descriptor.length &&
    entries.every(({ key, value }, index) => {
      const entry = descriptor[index];
      return entry?.key === key && (value === undefined || entry.value === value);
    })
  );
}
