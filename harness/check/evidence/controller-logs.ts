// SPDX-License-Identifier: Apache-2.0
import type { Kube, Resource } from '../../kube/kube.ts';
import { messageOf } from '../../errors.ts';
import type { Piece } from './evidence-folder.ts';
import type { EvidenceSource, Findings } from './gather.ts';

/** Lines of the controller's log shown on the failure's page. */
const notedLines = 3;

/** The controller's log since the check began; the page shows the last complaints that name the check's namespace, else the last ones at all. */
export async function collectLogs({ engine: { kube, target }, scene, startedAt }: EvidenceSource): Promise<Findings> {
  const { namespace, deployment } = target.controller;
  const object = await kube.get({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: deployment });
  const pods = await podsOf(kube, namespace, selectorOf(object));
  const logs = await Promise.all(
    pods.map(async (pod): Promise<Piece> => ({
      title: `Log of ${pod.metadata.name} since the check began`,
      side: 'controller',
      name: `${pod.metadata.name}.log`,
      content: await textOf(kube.logs({ namespace, name: pod.metadata.name }, { since: new Date(startedAt) })),
    })),
  );
  const complaints = logs.flatMap((log) => log.content.split('\n')).filter((line) => /\b(error|warn(ing)?|failed)\b/i.test(line));
  const own = complaints.filter((line) => line.includes(scene.namespace));
  const telling = (own.length > 0 ? own : complaints).slice(-notedLines);
  return { pieces: logs, notes: telling.map((line) => ({ title: 'log', text: `${deployment} ${line}` })) };
}

/** The pods with all of the labels; none if there is no label, for that would select every pod. */
export async function podsOf(kube: Kube, namespace: string, labels: Readonly<Record<string, string>>): Promise<readonly Resource[]> {
  const selector = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return selector.length === 0 ? [] : kube.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace, labelSelector: selector.join(',') });
}

/** The text, or why it could not be had: a pod that has not started has no log, and that takes nothing from the other evidence. */
export async function textOf(text: Promise<string>): Promise<string> {
  try {
    return await text;
  } catch (error) {
    return `could not be had: ${messageOf(error)}\n`;
  }
}

function selectorOf(deployment: Resource | undefined): Readonly<Record<string, string>> {
  const spec = deployment?.['spec'] as { readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> } } | undefined;
  return spec?.selector?.matchLabels ?? {};
}
