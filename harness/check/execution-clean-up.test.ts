// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { GauntletError } from '../errors.ts';
import { executeOnceIn, passing, type Run } from './testing/execute-once.ts';

const directory = mkdtempSync(join(tmpdir(), 'gauntlet-execution-'));
afterAll(() => rmSync(directory, { recursive: true }));

const policy = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'policy' } };
const peerGone = new GauntletError('GAUNTLET_PEER', 'The echo did not answer.', { hint: 'Look at its pod.' });

const executeOnce = executeOnceIn(directory);

test('what a check deferred runs last first, also when a step fails, which the report then says', async () => {
  const order: number[] = [];
  const { ended, events } = await executeOnce(async (context, world) => {
    context.defer(() => void order.push(1));
    context.defer(() => Promise.reject(peerGone));
    context.defer(() => void order.push(3));
    await passing(context, world);
  });
  expect(order).toEqual([3, 1]);
  expect(ended.verdict).toBe('pass');
  expect(events.at(-1)).toMatchObject({ type: 'harness-failed', code: 'GAUNTLET_PEER' });
});

test('a clean-up that never ends does not hold up the run', async () => {
  const { events } = await executeOnce(async (context, world) => {
    context.defer(() => new Promise(() => undefined));
    await passing(context, world);
  });
  expect(events.at(-1)).toMatchObject({ type: 'harness-failed', code: 'GAUNTLET_TIMEOUT' });
});

test('what lies outside of the namespace is removed by itself, everything carries the run, and --keep leaves it all', async () => {
  const run: Run = async (context, world) => {
    await context.apply(policy, { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'GatewayClass', metadata: { name: 'own' } });
    await passing(context, world);
  };
  const { kube } = await executeOnce(run);
  expect(kube.actions.slice(-2)).toEqual(['remove GatewayClass/own', expect.stringMatching(/^remove Namespace/)]);
  const kept = await executeOnce(run, { engine: { keep: true } });
  expect(kept.kube.actions.filter((action) => action.startsWith('remove'))).toEqual([]);
  expect([...kept.kube.objects.values()].map((object) => object.metadata.labels?.['gauntlet.dev/run'])).toEqual(['r1', 'r1', 'r1']);
  const applied = [...kept.kube.objects.values()].find((object) => object.kind === 'ConfigMap');
  expect(applied?.metadata.namespace).toMatch(/^extauth-deny-/);
});

test('what a serial check applied is gone before the next one starts, the last applied first', async () => {
  const run: Run = async (context, world) => {
    await context.apply(policy, { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata: { name: 'app' } });
    await passing(context, world);
  };
  const { kube } = await executeOnce(run, { check: { serial: true } });
  expect(kube.actions.filter((action) => action.startsWith('remove'))).toEqual([
    'remove HTTPRoute/app',
    expect.stringMatching(/^remove ConfigMap/),
    expect.stringMatching(/^remove Namespace/),
  ]);
});

test('a check that goes on after its end can change nothing any more', async () => {
  let goOn = (): void => undefined;
  const { kube, ended } = await executeOnce(async (context) => {
    const going = new Promise<void>((resolve) => (goOn = resolve)).then(() => context.apply(policy));
    await Promise.all([going, Promise.reject(peerGone)]);
  });
  goOn();
  await new Promise(setImmediate);
  expect(ended.verdict).toBe('could-not-run');
  expect(kube.actions.filter((action) => action.includes('ConfigMap'))).toEqual([]);
});
