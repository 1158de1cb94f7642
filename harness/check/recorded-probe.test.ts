// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { Attack } from '../probe/probe.ts';
import type { Exchange } from '../probe/exchange.ts';
import { RecordedProbe, type ClosableProbe } from './recorded-probe.ts';

const endpoint = { address: '198.18.0.1', port: 80 };

/** Clients that are numbered as they are made, and say when they are closed. */
function numbered() {
  const closed: number[] = [];
  let made = 0;
  const create = (onExchange: (exchange: Exchange) => void): ClosableProbe => {
    made += 1;
    const mine = made;
    return {
      send: (to, request) => {
        const exchange: Exchange = { id: String(mine), endpoint: to, request, sentAt: 0, durationMs: 0 };
        onExchange(exchange);
        return Promise.resolve(exchange);
      },
      attack: (): Attack => ({
        exchanges: [],
        until: () => Promise.resolve(),
        stop: () => Promise.resolve({ exchanges: [], missed: 0 }),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
      [Symbol.asyncDispose]: () => {
        closed.push(mine);
        return Promise.resolve();
      },
    };
  };
  return { create, closed };
}

test('renewed connections are others, the old ones are closed, and everything is recorded', async () => {
  const { create, closed } = numbered();
  const probe = new RecordedProbe(create, () => undefined);
  await probe.client.send(endpoint, {});
  await probe.renewConnections();
  await probe.client.send(endpoint, {});
  expect(closed).toEqual([1]);
  expect(probe.exchanges.map(({ id }) => id)).toEqual(['1', '2']);
});

test('an attack keeps its connections while others are renewed, and gives them back when it stops', async () => {
  const { create, closed } = numbered();
  const probe = new RecordedProbe(create, () => undefined);
  const attack = probe.client.attack(endpoint, {});
  await probe.renewConnections();
  expect(closed).toEqual([1]);
  await attack.stop();
  expect({ closed, running: probe.runningAttacks }).toEqual({ closed: [1, 2], running: 0 });
});

test('what still runs at the end is stopped, and nothing stays open', async () => {
  const { create, closed } = numbered();
  const probe = new RecordedProbe(create, () => undefined);
  probe.client.attack(endpoint, {});
  await probe[Symbol.asyncDispose]();
  expect(closed.toSorted()).toEqual([1, 2]);
});
