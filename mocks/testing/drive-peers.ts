// SPDX-License-Identifier: Apache-2.0
import { request } from 'undici';
import { defaultBudgets } from '../../harness/check/budgets.ts';
import type { CheckContext, SharedContext } from '../../harness/check/check.ts';
import type { Resource, ResourceReference } from '../../harness/kube/kube.ts';
import { createKube } from '../../harness/kube/client.ts';
import { echo } from '../peers.ts';
import { startPeers } from '../start-peers.ts';

/*
 * Uses the peers as the engine and a check do, in the network of the cluster whose kubeconfig is the first argument, with the peers' image of the second, and prints what it saw as JSON.
 * For start-peers.integration.test.ts.
 */

type CleanUp = () => Promise<void> | void;

const namespace = 'peers-test';
const cleanUps: CleanUp[] = [];
const defer = (cleanUp: CleanUp): void => void cleanUps.unshift(cleanUp);

await using kube = createKube({ kubeconfig: process.argv[2] ?? '' });
await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });

const shared = { runId: 'test', peersImage: process.argv[3], namespace, kube, budgets: defaultBudgets, defer } as unknown as SharedContext;
const startedAt = performance.now();
const peers = await startPeers(shared);
const podMs = performance.now() - startedAt;

const context = {
  namespace,
  session: { runId: 'test', share: () => Promise.resolve(peers) },
  apply: (...resources: Resource[]) => Promise.all(resources.map((resource) => kube.apply(resource))),
  defer,
} as unknown as CheckContext;
const fixtureAt = performance.now();
const peer = await echo(context);
const fixtureMs = performance.now() - fixtureAt;

const service: ResourceReference = { apiVersion: 'v1', kind: 'Service', name: peer.service.name, namespace };
const { clusterIP } = ((await kube.get(service)) as unknown as { spec: { clusterIP: string } }).spec;

/** Sends to the Service's address, as any client in the cluster would; 0 where the connection fails. */
async function send(id: string): Promise<number> {
  try {
    const headers = { 'x-gauntlet-id': id, connection: 'close' };
    const { statusCode, body } = await request(`http://${clusterIP}:${peer.service.port}/`, { headers, signal: AbortSignal.timeout(2000) });
    await body.dump();
    return statusCode;
  } catch {
    return 0;
  }
}

async function until(status: number): Promise<boolean> {
  const deadline = performance.now() + defaultBudgets.peer.ms;
  while (performance.now() < deadline) if ((await send('warm-up')) === status) return true;
  return false;
}

const answers = await until(200);
const status = await send('id-1');
const arrivals = (await peer.arrivals('id-1')).length;
await peer.fault('refuse');
const refused = await send('id-2');
await peer.fault('none');
const recovered = await send('id-3');

for (const cleanUp of cleanUps) await cleanUp();
await kube.remove({ apiVersion: 'v1', kind: 'Namespace', name: namespace });
console.log(JSON.stringify({ answers, status, arrivals, refused, recovered, podMs: Math.round(podMs), fixtureMs: Math.round(fixtureMs) }));
