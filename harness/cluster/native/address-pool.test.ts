// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AddressPool } from './address-pool.ts';

test('the lowest free address comes first, network and broadcast never', () => {
  const pool = new AddressPool('198.19.240.0/30');
  expect([pool.take('a'), pool.take('b'), pool.take('c')]).toEqual(['198.19.240.1', '198.19.240.2', undefined]);
});

test('a holder keeps its address, and a released one is handed out again last', () => {
  const pool = new AddressPool('10.0.0.0/29');
  const first = pool.take('a');
  expect(pool.take('a')).toBe(first);
  pool.release('a');
  expect(pool.take('b')).toBe('10.0.0.2');
});

test('a wanted address is given when it is free, and no other in its place', () => {
  const pool = new AddressPool('198.19.240.0/24');
  expect(pool.take('a', '198.19.240.77')).toBe('198.19.240.77');
  expect(pool.take('b', '198.19.240.77')).toBeUndefined();
  expect(pool.take('c', '10.1.1.1')).toBeUndefined();
});

test('no address is ever held twice, and none is lost', () => {
  const action = fc.record({ holder: fc.integer({ min: 0, max: 9 }), release: fc.boolean() });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
      const pool = new AddressPool('198.19.240.0/29');
      const held = new Map<string, string>();
      for (const { holder, release } of actions) {
        const name = String(holder);
        if (release) {
          pool.release(name);
          held.delete(name);
          continue;
        }
        const address = pool.take(name);
        expect(address === undefined).toBe(!held.has(name) && held.size === 6);
        if (address !== undefined) held.set(name, address);
        expect(new Set(held.values()).size).toBe(held.size);
      }
    }),
  );
});
