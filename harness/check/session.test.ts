// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { defaultBudgets } from './budgets.ts';
import { createSession } from './session.ts';
import { FakeKube } from './testing/fake-kube.ts';
import { sampleTarget } from './testing/sample.ts';

function setUp(keep = false) {
  const kube = new FakeKube();
  return {
    kube,
    session: createSession({
      runId: 'r1',
      peersImage: 'gauntlet.dev/peers:test',
      kube,
      target: sampleTarget,
      budgets: defaultBudgets,
      keep,
    }),
  };
}

test('what is shared is made once, for those who ask at the same time and for those who ask later', async () => {
  const { session, kube } = setUp();
  let made = 0;
  const make = () => Promise.resolve({ number: (made += 1) });
  const [first, second] = await Promise.all([session.share('peers', make), session.share('peers', make)]);
  expect(await session.share('peers', make)).toBe(first);
  expect(second).toBe(first);
  expect(await session.share('other', make)).toEqual({ number: 2 });
  expect(kube.actions).toEqual(['apply Namespace/gauntlet-r1']);
});

test('a failure is shared as well, and costs its time once', async () => {
  const { session } = setUp();
  let tried = 0;
  const make = () => {
    tried += 1;
    return Promise.reject(new Error('no image'));
  };
  await expect(session.share('peers', make)).rejects.toThrow('no image');
  await expect(session.share('peers', make)).rejects.toThrow('no image');
  expect(tried).toBe(1);
});

test('the end undoes everything, last made first, the namespace at last, and tells what went wrong', async () => {
  const { session, kube } = setUp();
  const order: string[] = [];
  await session.share('a', ({ defer }) => {
    defer(() => void order.push('a'));
    return Promise.resolve();
  });
  await session
    .share('b', ({ defer }) => {
      defer(() => void order.push('b'));
      defer(() => Promise.reject(new Error('stuck')));
      return Promise.reject(new Error('half made'));
    })
    .catch(() => undefined);
  expect(await session.end()).toEqual([new Error('stuck')]);
  expect(order).toEqual(['b', 'a']);
  expect(kube.actions.at(-1)).toBe('remove Namespace/gauntlet-r1');
});

test('a session that shared nothing leaves the cluster alone, and so does the end of one that is kept', async () => {
  const { session, kube } = setUp();
  await session.end();
  expect(kube.actions).toEqual([]);
  const kept = setUp(true);
  await kept.session.share('a', () => Promise.resolve(1));
  await kept.session.end();
  expect(kept.kube.actions).toEqual(['apply Namespace/gauntlet-r1']);
});

test('works of one key come one after the other, also after one that failed; other keys do not wait', async () => {
  const session = createSession({
    runId: 'run',
    peersImage: 'gauntlet.dev/peers:test',
    kube: new FakeKube(),
    target: sampleTarget,
    budgets: defaultBudgets,
    keep: false,
  });
  const log: string[] = [];
  const first = Promise.withResolvers<never>();
  const failing = session.inTurn('gateway', () => {
    log.push('first');
    return first.promise;
  });
  const second = session.inTurn('gateway', () => Promise.resolve(log.push('second')));
  await session.inTurn('other', () => Promise.resolve(log.push('other')));
  expect(log).toEqual(['first', 'other']);
  first.reject(new Error('refused'));
  await expect(failing).rejects.toThrow('refused');
  await second;
  expect(log).toEqual(['first', 'other', 'second']);
});
