// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { defaultBudgets } from '../../harness/check/budgets.ts';
import { seconds } from '../../harness/units.ts';
import { allCells, cellsWithin } from './cells.ts';

it('there is a cell for each size and each number of connections', () => {
  expect(allCells).toHaveLength(16);
  expect(new Set(allCells.map(({ title }) => title)).size).toBe(16);
  expect(new Set(allCells.map(({ bytes }) => bytes))).toEqual(new Set([0, 1024, 4096, 16_384]));
});

it('a budget takes those that say most, and a long one all', () => {
  expect(cellsWithin(defaultBudgets.throughput).map(({ title }) => title)).toEqual([
    '1 connection, no body',
    '16 connections, no body',
    '512 connections, no body',
    '16 connections, 16 KiB',
  ]);
  expect(cellsWithin(seconds(1)).map(({ title }) => title)).toEqual(['16 connections, no body']);
  expect(cellsWithin(seconds(112))).toEqual(allCells);
  expect(cellsWithin(seconds(3600))).toEqual(allCells);
});
