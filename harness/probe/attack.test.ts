// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { milliseconds } from '../units.ts';
import { startAttack } from './attack.ts';
import type { Exchange } from './exchange.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const exchange = (id: string): Exchange => ({ id, endpoint: { address: 'a', port: 1 }, request: {}, sentAt: 0, durationMs: 0 });
const ids = (exchanges: readonly Exchange[]) => exchanges.map(({ id }) => id);

/** Answers when told, in any order. */
function heldBack() {
  const held: (() => void)[] = [];
  let sent = 0;
  const send = (): Promise<Exchange> => {
    sent += 1;
    const id = String(sent);
    return new Promise((resolve) => held.push(() => resolve(exchange(id))));
  };
  return { send, held };
}

describe('an attack', () => {
  it('sends at its rate, every other request over a fresh connection', async () => {
    const fresh: boolean[] = [];
    await using attack = startAttack(
      (isFresh) => {
        fresh.push(isFresh);
        return Promise.resolve(exchange('x'));
      },
      { every: milliseconds(10) },
    );
    await vi.advanceTimersByTimeAsync(55);
    expect(fresh).toEqual([false, true, false, true, false, true]);
    expect(await attack.stop()).toMatchObject({ missed: 0 });
    await vi.advanceTimersByTimeAsync(100);
    expect(fresh).toHaveLength(6);
  });

  it.each([
    ['always', [true, true]],
    ['never', [false, false]],
  ] as const)('takes fresh connections %s when told so', async (fresh, expected) => {
    const seen: boolean[] = [];
    await using attack = startAttack((isFresh) => Promise.resolve(exchange(String(seen.push(isFresh)))), {
      every: milliseconds(10),
      fresh,
    });
    await vi.advanceTimersByTimeAsync(15);
    await attack.stop();
    expect(seen).toEqual(expected);
  });

  it('does not wait for answers, and counts what finds no room as missed', async () => {
    const { send, held } = heldBack();
    await using attack = startAttack(send, { every: milliseconds(10), concurrency: 2 });
    await vi.advanceTimersByTimeAsync(35);
    expect(held).toHaveLength(2);
    held.forEach((answer) => answer());
    expect(await attack.stop()).toMatchObject({ missed: 2, exchanges: [{ id: '1' }, { id: '2' }] });
  });

  it('counts the slots that passed while this process was busy as missed', async () => {
    await using attack = startAttack(() => Promise.resolve(exchange('x')), { every: milliseconds(10) });
    const now = performance.now();
    const stalled = vi.spyOn(performance, 'now').mockReturnValue(now + 50);
    await vi.advanceTimersByTimeAsync(10);
    stalled.mockRestore();
    const { exchanges, missed } = await attack.stop();
    expect([exchanges.length, missed]).toEqual([2, 4]);
  });

  it('keeps exchanges in the order of sending and waits for those that are out', async () => {
    const { send, held } = heldBack();
    await using attack = startAttack(send, { every: milliseconds(10) });
    await vi.advanceTimersByTimeAsync(25);
    held[2]?.();
    held[0]?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(ids(attack.exchanges)).toEqual(['1', '3']);
    const stopped = attack.stop();
    held[1]?.();
    expect(ids((await stopped).exchanges)).toEqual(['1', '2', '3']);
  });

  it('tells when so many more have come back', async () => {
    await using attack = startAttack(() => Promise.resolve(exchange('x')), { every: milliseconds(10) });
    await vi.advanceTimersByTimeAsync(15);
    let reached = false;
    const waiting = attack.until(2).then(() => (reached = true));
    await vi.advanceTimersByTimeAsync(10);
    expect(reached).toBe(false);
    await vi.advanceTimersByTimeAsync(10);
    await waiting;
    expect(attack.exchanges).toHaveLength(4);
  });

  it('does not leave anyone waiting when it is stopped', async () => {
    await using attack = startAttack(() => Promise.resolve(exchange('x')));
    const waiting = expect(attack.until(1000)).rejects.toThrow('was stopped');
    await attack.stop();
    await waiting;
  });

  it('ends with the error of a request that cannot be sent', async () => {
    await using attack = startAttack(() => Promise.reject(new TypeError('no such header')));
    await expect(attack.until(1)).rejects.toThrow('no such header');
    await expect(attack.stop()).rejects.toThrow('no such header');
  });
});
