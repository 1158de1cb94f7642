// SPDX-License-Identifier: Apache-2.0
import { expect, it, vi } from 'vitest';
import { watchMemory } from './memory-watch.ts';

it('reads each source again and again, in order of time, until it is stopped', async () => {
  let bytes = 0;
  const watch = watchMemory({ proxy: () => Promise.resolve((bytes += 1)), controller: () => Promise.resolve(7) }, 1);
  await vi.waitFor(() => expect(watch.samples.proxy.length).toBeGreaterThan(4));
  await watch.stop();
  const { proxy, controller } = watch.samples;
  expect(proxy.map((sample) => sample.bytes)).toEqual(proxy.map((_, index) => index + 1));
  expect(proxy.map(({ atMs }) => atMs)).toEqual(proxy.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
  expect(controller).toHaveLength(proxy.length);
  const { length } = proxy;
  await new Promise((resolve) => setImmediate(resolve));
  expect(proxy).toHaveLength(length);
});

it('tells of a source that cannot be read', async () => {
  const watch = watchMemory({ gone: () => Promise.reject(new Error('no such pod')) }, 1);
  await expect(watch.stop()).rejects.toThrow('no such pod');
});
