// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { Resource } from '../kube/kube.ts';
import { condition, conditionsOf, formatCondition, type ExpectedCondition } from './conditions.ts';

const accepted = { type: 'Accepted', status: 'True', reason: 'Accepted', message: '', observedGeneration: 2 };
const invalid = {
  type: 'Accepted',
  status: 'False',
  reason: 'Invalid',
  message: 'gateway extension a/nope not found',
  observedGeneration: 2,
};

const gateway: Resource = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name: 'gw', generation: 2 },
  status: { conditions: [accepted], listeners: [{ name: 'https', conditions: [invalid] }] },
};

const route: Resource = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { name: 'r', generation: 2 },
  status: { parents: [{ parentRef: { name: 'gw' }, conditions: [{ ...accepted, observedGeneration: 1 }] }] },
};

const policy: Resource = {
  apiVersion: 'gateway.kgateway.dev/v1alpha1',
  kind: 'TrafficPolicy',
  metadata: { name: 'p' },
  status: { ancestors: [{ ancestorRef: { name: 'gw' }, conditions: [invalid] }] },
};

test('conditions are found wherever a controller may write them', () => {
  expect([gateway, route, policy].map((one) => conditionsOf(one).map(({ of, type }) => `${of} ${type}`.trim()))).toEqual([
    ['Accepted', 'listener https Accepted'],
    ['parent gw Accepted'],
    ['ancestor gw Accepted'],
  ]);
  expect(conditionsOf(undefined)).toEqual([]);
  expect(conditionsOf({ ...gateway, status: { conditions: 'odd', listeners: [null, { conditions: [7] }] } })).toHaveLength(1);
});

test.each<readonly [Resource | undefined, ExpectedCondition, string]>([
  [gateway, {}, 'held'],
  [gateway, { of: 'listener https', status: 'False', reason: 'Invalid', message: 'nope not found' }, 'held'],
  [
    gateway,
    { of: 'listener https' },
    'listener https Accepted=True, got listener https Accepted=False (Invalid): gateway extension a/nope not found',
  ],
  [gateway, { of: '', status: 'False' }, 'Accepted=False, got Accepted=True (Accepted)'],
  [policy, { status: 'False', message: /^no such/ }, 'message /^no such/, got ancestor gw Accepted=False (Invalid)'],
  [route, {}, 'got parent gw Accepted=True (Accepted) of an older generation'],
  [undefined, {}, 'got no such object'],
  [{ ...gateway, status: {} }, { reason: 'Valid' }, 'Accepted=True (Valid), got no condition Accepted'],
])('%# a condition is as expected, or the mismatch says how it is', (resource, expected, text) => {
  let seen = 'held';
  try {
    condition(resource, 'Accepted', expected);
  } catch (error) {
    seen = String(error);
  }
  expect(seen).toContain(text);
});

test('a condition reads as a person writes it', () => {
  expect(conditionsOf(policy).map(formatCondition)).toEqual(['ancestor gw Accepted=False (Invalid): gateway extension a/nope not found']);
});
