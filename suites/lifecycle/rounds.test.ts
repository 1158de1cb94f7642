// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { createRounds } from './rounds.ts';

const going = new AbortController().signal;

/** Lets everything happen that can. */
const settle = () => new Promise(setImmediate);

/** Whether a promise has come by now. */
async function has(come: Promise<unknown>): Promise<boolean> {
  let isThere = false;
  void come.then(() => (isThere = true));
  await settle();
  return isThere;
}

test('the cells of a round wait for each other, and one of them does for all what there is to do', async () => {
  const rounds = createRounds();
  const [one, two] = [await rounds.join(going), await rounds.join(going)];
  const first = one.meet();
  expect(await has(first)).toBe(false);
  const [onceFirst, onceSecond] = await Promise.all([first, two.meet()]);
  const done: string[] = [];
  await Promise.all([onceFirst(() => Promise.resolve(done.push('first'))), onceSecond(() => Promise.resolve(done.push('second')))]);
  expect(done).toEqual(['first']);
  const again = one.meet();
  expect(await has(again)).toBe(false);
  await two.meet();
  await (
    await again
  )(() => Promise.resolve(done.push('later')));
  expect(done).toEqual(['first', 'later']);
});

test('nobody waits for one that left, and what fails, fails for all', async () => {
  const rounds = createRounds();
  const [one, two, three] = [await rounds.join(going), await rounds.join(going), await rounds.join(going)];
  const met = Promise.all([one.meet(), two.meet()]);
  expect(await has(met)).toBe(false);
  three.leave();
  const [onceOne, onceTwo] = await met;
  const failed = onceOne(() => Promise.reject(new Error('no controller')));
  await expect(failed).rejects.toThrow('no controller');
  await expect(onceTwo(() => Promise.resolve())).rejects.toThrow('no controller');
});

test('who comes after the others have met is in the next round', async () => {
  const rounds = createRounds();
  const one = await rounds.join(going);
  await one.meet();
  const late = [rounds.join(going), rounds.join(going)] as const;
  expect(await has(late[0])).toBe(false);
  one.leave();
  const [two, three] = await Promise.all(late);
  const second = two.meet();
  expect(await has(second)).toBe(false);
  await three.meet();
  expect(await has(second)).toBe(true);
  two.leave();
  two.leave();
  three.leave();
  expect(await has(rounds.join(going))).toBe(true);
});

test('who gives up while it waits for the next round is in none', async () => {
  const rounds = createRounds();
  const one = await rounds.join(going);
  await one.meet();
  const gaveUp = new AbortController();
  const late = rounds.join(gaveUp.signal);
  gaveUp.abort(new Error('enough'));
  await expect(late).rejects.toThrow('enough');
  one.leave();
  await expect(rounds.join(gaveUp.signal)).rejects.toThrow('enough');
  const two = await rounds.join(going);
  expect(await has(two.meet())).toBe(true);
});
