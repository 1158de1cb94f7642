// SPDX-License-Identifier: Apache-2.0
import { carriers, type Carrier, type Stream } from './streams.ts';

/** What one slot sends. */
export interface Slot {
  /** Index of the stream. */
  readonly stream: number;
  /** Index in {@link carriers}. */
  readonly carrier: number;
}

/** When slots are, and what each of them sends. */
export interface Schedule {
  /** Milliseconds between two slots. */
  readonly everyMs: number;
  slot(number: number): Slot;
}

/** Deals slots out to streams by their rates, and those of each stream to carriers by their shares, as evenly as whole numbers allow. */
export function scheduleOf(streams: readonly Stream[], shares: Readonly<Record<Carrier, number>>): Schedule {
  const rates = streams.map(({ perSecond }) => perSecond);
  const total = rates.reduce((sum, rate) => sum + rate, 0);
  const nextStream = evenly(rates);
  const nextCarrier = streams.map(() => evenly(carriers.map((carrier) => shares[carrier])));
  const dealt: Slot[] = [];
  // Everyone has got his due: from here on it is the same again, and hours of it need no memory.
  const isRound = (): boolean => dealt.length > 0 && nextStream.isRound() && nextCarrier.every((one) => one.isRound());
  let period: number | undefined;
  return {
    everyMs: 1000 / total,
    slot: (number) => {
      while (period === undefined && dealt.length <= number) {
        const stream = nextStream.deal();
        dealt.push({ stream, carrier: nextCarrier[stream]?.deal() ?? 0 });
        if (isRound()) period = dealt.length;
      }
      return dealt[period === undefined ? number : number % period] ?? { stream: 0, carrier: 0 };
    },
  };
}

/** Deals indices out. */
interface Dealer {
  deal(): number;
  /** Whether none is behind its due, as at the beginning. */
  isRound(): boolean;
}

/** Indices in proportion to weights, spread: the one that is furthest behind its due comes next. */
function evenly(weights: readonly number[]): Dealer {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const credit = weights.map(() => 0);
  return {
    deal: () => {
      weights.forEach((weight, index) => (credit[index] = (credit[index] ?? 0) + weight));
      const next = credit.indexOf(Math.max(...credit));
      credit[next] = (credit[next] ?? 0) - total;
      return next;
    },
    isRound: () => credit.every((one) => one === 0),
  };
}
