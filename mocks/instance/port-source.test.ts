// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { portsInTurn } from './port-source.ts';

it('gives every port once before it gives one again', () => {
  const next = portsInTurn(100, 3);
  expect([next(), next(), next(), next()]).toEqual([100, 101, 102, 100]);
});

it('stays below the ephemeral range of Linux', () => {
  const next = portsInTurn();
  const ports = Array.from({ length: 10_000 }, next);
  expect(Math.max(...ports)).toBeLessThan(32_768);
  expect(new Set(ports).size).toBe(10_000);
});
