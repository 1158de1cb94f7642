// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { Kube } from '../harness/kube/kube.ts';
import { fakeContext } from '../fixtures/fake-context.ts';
import { bothEchoes } from './both-echoes.ts';

const addressOf: Readonly<Record<string, string>> = { echo: '10.0.0.1', 'echo-other': '10.0.0.2' };
const kube: Partial<Kube> = {
  get: ({ apiVersion, kind, name }) => {
    const clusterIP = addressOf[name];
    return Promise.resolve(clusterIP === undefined ? undefined : { apiVersion, kind, metadata: { name }, spec: { clusterIP } });
  },
};

test('the addresses of both Services stand behind one, which is announced as it is applied', async () => {
  const { context, applied } = fakeContext({ kube });
  const announced = (await bothEchoes.announce?.(context.namespace)) ?? [];
  expect((await bothEchoes(context)).service).toEqual({ name: 'echo-both', namespace: 'own', port: 8080 });
  const [slice, service] = applied.map(({ resource }) => resource);
  expect(slice).toMatchObject({ kind: 'EndpointSlice', endpoints: [{ addresses: ['10.0.0.1'] }, { addresses: ['10.0.0.2'] }] });
  expect(service).toEqual(announced[1]);
  expect(announced[0]).toEqual({ ...slice, endpoints: [] });
});

test('a Service without an address is an error of the harness, not a verdict', async () => {
  const { context } = fakeContext({ kube: { get: () => Promise.resolve(undefined) } });
  await expect(bothEchoes(context)).rejects.toMatchObject({ code: 'GAUNTLET_INTERNAL' });
});
