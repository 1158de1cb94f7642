// SPDX-License-Identifier: Apache-2.0
import { asGauntletError, GauntletError } from '../errors.ts';
import { milliseconds } from '../units.ts';
import type { Exchange } from './exchange.ts';
import type { Attack, AttackOptions } from './probe.ts';

/**
 * Sends at a constant rate whatever comes back (open loop). A slot that finds no room, or that passed while this process was busy, is `missed` and
 * not made up for, so that the count of exchanges never claims more than was tried.
 */
export function startAttack(send: (fresh: boolean) => Promise<Exchange>, options: AttackOptions = {}): Attack {
  const { every = milliseconds(20), concurrency = 64, fresh = 'alternate' } = options;
  const slots: (Exchange | undefined)[] = [];
  const startedAt = performance.now();
  const underWay = new Set<Promise<void>>();
  const waiters: { readonly count: number; readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];
  let [nextSlot, missed, returned] = [0, 0, 0];
  let timer: NodeJS.Timeout | undefined;
  let over: GauntletError | undefined;

  const settle = (): void => {
    for (const waiter of waiters.splice(0)) {
      if (returned >= waiter.count) waiter.resolve();
      else if (over !== undefined) waiter.reject(over);
      else waiters.push(waiter);
    }
  };

  const end = (reason: GauntletError): void => {
    clearTimeout(timer);
    over ??= reason;
    settle();
  };

  const sendOne = async (): Promise<void> => {
    const index = slots.push(undefined) - 1;
    try {
      slots[index] = await send(fresh === 'always' || (fresh === 'alternate' && index % 2 === 1));
      returned += 1;
      settle();
    } catch (error) {
      end(asGauntletError(error));
    }
  };

  const tick = (): void => {
    // A timer may fire a moment early.
    const slot = Math.floor((performance.now() - startedAt) / every.ms + 1e-3);
    if (slot >= nextSlot) {
      missed += slot - nextSlot;
      nextSlot = slot + 1;
      if (underWay.size >= concurrency) {
        missed += 1;
      } else {
        const sending = sendOne();
        underWay.add(sending);
        void sending.then(() => underWay.delete(sending));
      }
    }
    if (over === undefined) timer = setTimeout(tick, Math.max(1, startedAt + nextSlot * every.ms - performance.now()));
  };

  const returnedSoFar = (): Exchange[] => slots.filter((exchange) => exchange !== undefined);
  const stopped = new GauntletError('GAUNTLET_INTERNAL', 'The attack was stopped while its exchanges were waited for', {
    hint: 'Wait first, then stop.',
  });
  const stop: Attack['stop'] = async () => {
    end(stopped);
    await Promise.all(underWay);
    if (over !== stopped && over !== undefined) throw over;
    return { exchanges: returnedSoFar(), missed };
  };

  tick();
  return {
    get exchanges() {
      return returnedSoFar();
    },
    until: (count) =>
      new Promise((resolve, reject) => {
        waiters.push({ count: returned + count, resolve, reject });
        settle();
      }),
    stop,
    [Symbol.asyncDispose]: async () => {
      end(stopped);
      await Promise.all(underWay);
    },
  };
}
