// SPDX-License-Identifier: Apache-2.0
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { defaultBudgets } from '../check/budgets.ts';
import { seconds } from '../units.ts';
import { assertConsistent, budgetsOf, shard, wholeNumber, withSessionOptions, type SessionOptions } from './options.ts';

function parse(...args: string[]): SessionOptions {
  const command = withSessionOptions(new Command('run').exitOverride().configureOutput({ writeErr: () => undefined }));
  return command.parse(args, { from: 'user' }).opts();
}

test('repeatable options collect, and a value may hold an equals sign', () => {
  const options = parse('--helm-set', 'a=1', '--helm-set', 'b=c=d', '--tool', 'etcd=/x=y', '--budget', 'traffic=1.5');
  expect(options.helmSet).toEqual(['a=1', 'b=c=d']);
  expect(options.tool).toEqual({ etcd: '/x=y' });
  expect(budgetsOf(options.budget)).toEqual({ ...defaultBudgets, traffic: seconds(1.5) });
});

test.each([
  ['1/1', { index: 1, count: 1 }],
  ['3/4', { index: 3, count: 4 }],
] as const)('%s is a shard', (text, expected) => {
  expect(shard(text)).toEqual(expected);
});

test.each(['0/2', '3/2', '1', '1/0', 'a/b', '1/2/3', '-1/2'])('%s is no shard', (text) => {
  expect(() => shard(text)).toThrow('Expected i/n');
});

test.each(['-1', '1.5', '', 'x', '0x10', '1e3'])('%j is no whole number', (text) => {
  expect(() => wholeNumber(0)(text)).toThrow('Expected a whole number');
});

test.each([
  [['--controller-bin', 'a', '--controller-image', 'b'], '--controller-bin and --controller-image'],
  [['--proxy-bin', 'a', '--proxy-image', 'b'], '--proxy-bin and --proxy-image'],
  [['--kubeconfig', 'a'], '--cluster existing'],
  [['--attach', 'a', '--cluster', 'native'], '--attach and --cluster'],
])('%j cannot be meant', (args, says) => {
  expect(() => assertConsistent(parse(...args))).toThrow(expect.objectContaining({ code: 'GAUNTLET_USAGE' }));
  try {
    assertConsistent(parse(...args));
  } catch (error) {
    expect(`${(error as Error).message} ${(error as { hint?: string }).hint ?? ''}`).toContain(says);
  }
});
