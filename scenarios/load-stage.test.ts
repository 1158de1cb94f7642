// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import type { Resource } from '../harness/kube/kube.ts';
import type { Proxies } from '../fixtures/proxies.ts';
import { groupOfProxy, processorsOfStage } from './load-stage.ts';

const pod = (uid: string, ending: boolean): Resource => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: uid, uid, ...(ending ? { deletionTimestamp: '2026-11-23T18:00:00Z' } : {}) },
});
const proxiesOf = (...pods: readonly Resource[]): Proxies => ({ pods: () => Promise.resolve(pods) }) as unknown as Proxies;
const gateway = { name: 'load', namespace: 'test' };

it('what a proxy uses is not read of one that still drains', async () => {
  // No such pod runs on this machine, and the error says which one was looked for.
  await expect(groupOfProxy(proxiesOf(pod('draining-0', true), pod('serving-1', false)), gateway)).rejects.toThrow('serving-1');
  await expect(groupOfProxy(proxiesOf(pod('draining-0', true)), gateway)).rejects.toThrow('test/load has no proxy pod');
});

it('the proxy has a processor of its own, however many there are', () => {
  expect(processorsOfStage(2)).toEqual({ proxy: '1', others: '0' });
  expect(processorsOfStage(8)).toEqual({ proxy: '7', others: '0-6' });
});
