// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Resource } from '../harness/kube/kube.ts';
import { peersPod, podState } from './pod.ts';

const pod = (status: object): Resource => ({ ...peersPod({ namespace: 'n', runId: 'r', image: 'i' }), status });
const container = (state: object): object => ({ containerStatuses: [{ state }] });

describe('podState', () => {
  it.each<[string, Resource | undefined]>([
    ['a pod that does not exist yet', undefined],
    ['a pod without a status', peersPod({ namespace: 'n', runId: 'r', image: 'i' })],
    ['a pod that waits for its container', pod({ phase: 'Pending', ...container({ waiting: { reason: 'ContainerCreating' } }) })],
    ['a container that runs before the address is known', pod({ phase: 'Running', ...container({ running: {} }) })],
    ['an address before the container runs', pod({ phase: 'Pending', podIP: '198.18.0.7', ...container({ waiting: {} }) })],
  ])('knows nothing yet of %s', (_what, seen) => {
    expect(podState(seen)).toEqual({});
  });

  it('has the address once the container runs', () => {
    expect(podState(pod({ phase: 'Running', podIP: '198.18.0.7', ...container({ running: {} }) }))).toEqual({ address: '198.18.0.7' });
  });

  it.each([
    [{ phase: 'Pending', ...container({ waiting: { reason: 'ErrImagePull', message: 'no such image' } }) }, 'ErrImagePull: no such image'],
    [
      { phase: 'Failed', podIP: '198.18.0.7', ...container({ terminated: { exitCode: 1, reason: 'Error' } }) },
      'it ended with exit code 1 (Error)',
    ],
    [{ phase: 'Failed' }, 'its phase is Failed'],
  ])('says at once why a pod will not run: %j', (status, failure) => {
    expect(podState(pod(status))).toEqual({ failure });
  });
});
