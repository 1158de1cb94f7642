// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { Kube, Resource } from '../kube/kube.ts';
import { withOwnNamespace } from './own-namespace.ts';
import { RecordedKube } from './recorded-kube.ts';
import { FakeKube } from './testing/fake-kube.ts';

const object = (kind: string, name: string, namespace?: string): Resource => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});

test('a namespace is made once, with the first object in it', async () => {
  const applied: string[] = [];
  const kube = {
    apply: (resource: Resource) => {
      applied.push(resource.metadata.name);
      return Promise.resolve(resource);
    },
  } as unknown as Kube;
  const own = withOwnNamespace(kube, object('Namespace', 'own'));
  await own.apply(object('Secret', 'elsewhere', 'other'));
  await own.apply(object('ClusterRole', 'everywhere'));
  expect(applied).toEqual(['elsewhere', 'everywhere']);
  await Promise.all([own.apply(object('Secret', 'a', 'own')), own.apply(object('Secret', 'b', 'own'))]);
  expect(applied.slice(2)).toEqual(['own', 'a', 'b']);
});

test('everything else goes through it, and through what records it', async () => {
  const kube = new FakeKube();
  const { client } = new RecordedKube(withOwnNamespace(kube, object('Namespace', 'own')), () => 0);
  await client.apply(object('Secret', 'a', 'own'));
  expect(await client.list({ apiVersion: 'v1', kind: 'Secret' }, { namespace: 'own' })).toHaveLength(1);
  await client.remove({ apiVersion: 'v1', kind: 'Secret', name: 'a', namespace: 'own' });
  expect(kube.actions).toEqual(['apply Namespace/own', 'apply Secret/a', 'remove Secret/a']);
});
