// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Resource } from '../kube/kube.ts';
import { describeState, failureOf, isAccepted, isAvailable, podSelector } from './controller-state.ts';

const complete = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };

function deployment(status?: object): Resource {
  const spec = { replicas: 2, selector: { matchLabels: { app: 'sample', tier: 'control' } } };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'sample', generation: 2 }, spec, ...(status && { status }) };
}

function gatewayClass(conditions?: readonly object[]): Resource {
  const status = conditions && { status: { conditions } };
  return { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'GatewayClass', metadata: { name: 'sample', generation: 2 }, ...status };
}

describe('isAvailable', () => {
  it('is true once every replica is of the last specification and available', () => {
    expect(isAvailable(deployment(complete))).toBe(true);
  });

  it.each([
    ['there is no status yet', undefined],
    ['the last specification was not seen', { ...complete, observedGeneration: 1 }],
    ['a replica of before still runs', { ...complete, replicas: 3 }],
    ['a replica is not updated', { ...complete, updatedReplicas: 1 }],
    ['a replica is not available', { ...complete, availableReplicas: 1 }],
  ])('is false while %s', (_, status) => {
    expect(isAvailable(deployment(status))).toBe(false);
  });
});

describe('isAccepted', () => {
  it.each([
    [true, 'accepted as it is', [{ type: 'Accepted', status: 'True', observedGeneration: 2 }]],
    [false, 'accepted as it was', [{ type: 'Accepted', status: 'True', observedGeneration: 1 }]],
    [false, 'refused', [{ type: 'Accepted', status: 'False', observedGeneration: 2 }]],
    [false, 'pending', [{ type: 'Accepted', status: 'Unknown', observedGeneration: 2 }]],
    [false, 'not looked at', undefined],
  ])('is %s for one that is %s', (accepted, _, conditions) => {
    expect(isAccepted(gatewayClass(conditions))).toBe(accepted);
  });
});

describe('failureOf', () => {
  const pod = (state: object): Resource => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'sample-1' },
    status: { containerStatuses: [{ name: 'controller', restartCount: 0, ...state }] },
  });

  it.each([
    [{}],
    [{ state: { running: {} } }],
    [{ state: { waiting: { reason: 'ContainerCreating' } } }],
    [{ state: { terminated: { exitCode: 1 } } }],
  ])('lets a container that may still come up go on (%j)', (state) => {
    expect(failureOf(deployment(complete), [pod(state)])).toBeUndefined();
  });

  it('has no log to show of a container that never ran', () => {
    const failure = failureOf(deployment(complete), [
      pod({ state: { waiting: { reason: 'CreateContainerError', message: 'no such file' } } }),
    ]);
    expect(failure).toEqual({ reason: 'container controller of pod sample-1 is in CreateContainerError: no such file' });
  });
});

it('selects the pods of a deployment, and describes what is not there', () => {
  expect(podSelector(deployment())).toBe('app=sample,tier=control');
  expect(describeState(undefined, [], undefined)).toBe('Deployment not there; pods none; GatewayClass not there');
  expect(describeState(deployment(), [], gatewayClass())).toBe('Deployment without conditions; pods none; GatewayClass without conditions');
});
