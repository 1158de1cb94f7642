// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { Resource } from '../kube/kube.ts';
import { announce } from './announce.ts';
import type { Check, FixtureFactory } from './check.ts';
import { executionNamespace } from './run-namespace.ts';
import { FakeKube } from './testing/fake-kube.ts';

const service = (namespace: string): Resource => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'echo', namespace } });
const echo: FixtureFactory = Object.assign(() => Promise.resolve({}), { announce: (namespace: string) => [service(namespace)] });
const silent: FixtureFactory = () => Promise.resolve({});

test('each execution finds what its fixtures announce in its namespace, and nothing of others', async () => {
  const kube = new FakeKube();
  const checks = [
    { id: 'a', requires: ['echo', 'silent'] },
    { id: 'b', requires: ['silent'] },
  ] as unknown as Check[];
  const plan = [
    { id: 'a', executions: [{ execution: 'a' }, { execution: 'a@left-out' }] },
    { id: 'b', executions: [{ execution: 'b' }] },
    { id: 'skipped', executions: [] },
  ] as never;
  await announce({ runId: 'run', kube, checks, plan, fixtures: { echo, silent } });

  const namespaces = (await kube.list({ kind: 'Namespace' })).map(({ metadata }) => metadata.name);
  expect(namespaces.sort()).toEqual(['a', 'a@left-out'].map((execution) => executionNamespace('run', execution)).sort());
  const services = await kube.list({ kind: 'Service' });
  expect(services.map(({ metadata }) => metadata.namespace).sort()).toEqual(
    ['a', 'a@left-out'].map((execution) => executionNamespace('run', execution)).sort(),
  );
});
