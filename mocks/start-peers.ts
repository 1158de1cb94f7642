// SPDX-License-Identifier: Apache-2.0
import { isIPv6 } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { SharedContext } from '../harness/check/check.ts';
import { GauntletError } from '../harness/errors.ts';
import type { ResourceReference } from '../harness/kube/kube.ts';
import { milliseconds, type Duration } from '../harness/units.ts';
import { PeerControl } from './control/client.ts';
import { controlPort } from './control/protocol.ts';
import { peersPod, podName, podState } from './pod.ts';

/** The peers of one run, ready to be asked for instances. */
export interface Peers {
  /** Address of the pod that all instances listen on. */
  readonly address: string;
  readonly control: PeerControl;
}

const pollPause = milliseconds(50);

/**
 * Starts the peers' pod and waits for its control API. Once per run: `session.share('peers', startPeers)`. The image must be loaded.
 *
 * @throws GauntletError `GAUNTLET_PEER` with the pod's state and log if it does not come to run, `GAUNTLET_TIMEOUT` after `budgets.peer`.
 */
export async function startPeers(shared: SharedContext): Promise<Peers> {
  const { kube, namespace, runId, budgets } = shared;
  const pod: ResourceReference = { apiVersion: 'v1', kind: 'Pod', name: podName, namespace };
  // A pod is refused until the namespace has its default account, which comes a moment after the namespace.
  const account: ResourceReference = { apiVersion: 'v1', kind: 'ServiceAccount', name: 'default', namespace };
  await kube.waitFor(account, 'exists', (found) => found !== undefined, budgets.peer);
  await kube.apply(peersPod({ namespace, runId, image: shared.peersImage }));
  shared.defer(() => kube.remove(pod, { graceSeconds: 0 }));

  const started = await kube.waitFor(pod, 'runs', (seen) => Object.keys(podState(seen)).length > 0, budgets.peer);
  const { address, failure } = podState(started);
  if (address === undefined) throw await startFailure(shared, `did not start: ${failure ?? 'no state'}`);
  const control = connect(address, budgets.peer);
  shared.defer(() => control[Symbol.asyncDispose]());
  await untilHealthy(shared, control);
  return { address, control };
}

/**
 * The way from the runner to the control API: straight to the pod, for the runner is in the cluster's network.
 * The one place to change for a provider where it is not.
 */
function connect(address: string, timeout: Duration): PeerControl {
  return new PeerControl({ origin: `http://${isIPv6(address) ? `[${address}]` : address}:${controlPort}`, timeout });
}

async function untilHealthy(shared: SharedContext, control: PeerControl): Promise<void> {
  const deadline = performance.now() + shared.budgets.peer.ms;
  while (!(await control.isHealthy())) {
    if (performance.now() > deadline) throw await startFailure(shared, 'runs, but its control API does not answer');
    await pause(pollPause.ms);
  }
}

async function startFailure({ kube, namespace }: SharedContext, what: string): Promise<GauntletError> {
  const log = await kube.logs({ namespace, name: podName }).catch(() => '');
  return new GauntletError('GAUNTLET_PEER', `The pod ${namespace}/${podName} ${what}${log === '' ? '' : `; its log:\n${log.trimEnd()}`}`, {
    hint: 'See the evidence of the run for the pod; `gauntlet images` shows whether the image of the peers is there.',
  });
}
