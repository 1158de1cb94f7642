// SPDX-License-Identifier: Apache-2.0
import type { Resource } from '../../kube/kube.ts';
import { podsOf, textOf } from './controller-logs.ts';
import type { Piece } from './evidence-folder.ts';
import type { EvidenceSource, Findings } from './gather.ts';
import type { GatewayUsed } from './gateways-used.ts';

/** Log since the check began and present configuration of each proxy of each Gateway that the check used. */
export async function collectProxies(source: EvidenceSource, gateways: readonly GatewayUsed[]): Promise<Findings> {
  const { kube, target } = source.engine;
  const pieces = await Promise.all(
    gateways.map(async ({ namespace, name }) => {
      const labels = Object.fromEntries(
        Object.entries(target.controller.proxyLabels).map(([key, value]) => [key, value.replace('$gateway', name)]),
      );
      const pods = await podsOf(kube, namespace, labels);
      return Promise.all(pods.map((pod) => collectProxy(source, namespace, pod)));
    }),
  );
  return { pieces: pieces.flat(2), notes: [] };
}

async function collectProxy(
  { engine: { kube, target }, startedAt }: EvidenceSource,
  namespace: string,
  pod: Resource,
): Promise<readonly Piece[]> {
  const { name } = pod.metadata;
  const { port, configDump } = target.controller.proxyAdmin;
  const log = await textOf(kube.logs({ namespace, name }, { since: new Date(startedAt) }));
  const dump = await textOf(kube.podGet({ namespace, name }, port, configDump).then(({ body }) => body));
  return [
    { title: `Log of the proxy ${name} since the check began`, side: 'gateway', name: `${name}.log`, content: log },
    {
      title: `Configuration of the proxy ${name}`,
      side: 'gateway',
      name: `${name}-config.json`,
      content: dump,
      contentType: 'application/json',
    },
  ];
}
