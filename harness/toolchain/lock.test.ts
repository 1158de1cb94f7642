// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { ifLockIsFree, withLock } from './lock.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

/** A promise that the test settles. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

test('one at a time: the second waits, says so once, and goes on when the first is done', async () => {
  const path = join(temporaryFolder(), 'folder', 'lock');
  const order: string[] = [];
  const [entered, release] = [gate(), gate()];
  const first = withLock(path, {}, async () => {
    entered.open();
    await release.opened;
    order.push('first');
  });
  await entered.opened;
  const onWait = vi.fn(() => release.open());
  await withLock(path, { onWait }, () => Promise.resolve(order.push('second')));
  await first;
  expect(order).toEqual(['first', 'second']);
  expect(onWait).toHaveBeenCalledTimes(1);
});

test('gives the result of the work, and is free after work that fails', async () => {
  const path = join(temporaryFolder(), 'lock');
  await expect(withLock(path, {}, () => Promise.reject(new Error('work failed')))).rejects.toThrow('work failed');
  const onWait = vi.fn();
  expect(await withLock(path, { onWait }, () => Promise.resolve(7))).toBe(7);
  expect(onWait).not.toHaveBeenCalled();
});

test('work that only matters on a free lock is left out on a held one', async () => {
  const path = join(temporaryFolder(), 'lock');
  const work = vi.fn(() => Promise.resolve());
  await withLock(path, {}, async () => {
    expect(await ifLockIsFree(path, work)).toBe(false);
  });
  expect(work).not.toHaveBeenCalled();
  expect(await ifLockIsFree(path, work)).toBe(true);
  expect(work).toHaveBeenCalledTimes(1);
});

test('a wait ends with its signal', async () => {
  const path = join(temporaryFolder(), 'lock');
  const abort = new AbortController();
  await withLock(path, {}, async () => {
    const waiting = withLock(path, { signal: abort.signal, onWait: () => abort.abort() }, () => Promise.resolve());
    await expect(waiting).rejects.toMatchObject({ code: 'GAUNTLET_INTERRUPTED' });
  });
  await expect(withLock(path, { signal: abort.signal }, () => Promise.resolve())).rejects.toMatchObject({ code: 'GAUNTLET_INTERRUPTED' });
});

test('a holder that is killed frees the lock at once', async () => {
  const path = join(temporaryFolder(), 'lock');
  const script = `import { withLock } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))};
    await withLock(${JSON.stringify(path)}, {}, () => new Promise((resolve) => { console.log('held'); setInterval(resolve, 2 ** 30); }));`;
  const holder = spawn(process.execPath, ['--experimental-strip-types', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(holder.stdout, 'data');
  const onWait = vi.fn(() => holder.kill('SIGKILL'));
  expect(await withLock(path, { onWait }, () => Promise.resolve('taken over'))).toBe('taken over');
  expect(onWait).toHaveBeenCalledTimes(1);
});

test('a folder that cannot be made says where the cache may go instead', async () => {
  const locking = withLock('/dev/null/lock', {}, () => Promise.resolve());
  await expect(locking).rejects.toMatchObject({
    code: 'GAUNTLET_CONFIG_INVALID',
    hint: expect.stringContaining('GAUNTLET_CACHE') as unknown,
  });
});
