// SPDX-License-Identifier: Apache-2.0
import pWaitFor from 'p-wait-for';
import type { CheckContext } from '../../harness/check/check.ts';
import type { Resource } from '../../harness/kube/kube.ts';
import type { Interval } from '../../harness/lifecycle/judge.ts';
import { now, type Notes } from './cell-play.ts';
import type { CellResources } from './cell-resources.ts';
import type { CellContext } from './define-cell.ts';
import { stagesIn, type Stage } from './stage.ts';

/** Notes each change of what the API shows, as soon as it tells of it. */
export function watchStatuses({ kube, attach }: CheckContext, resources: CellResources, notes: Notes) {
  const { kinds, namespace } = resources.watched;
  const seen = new Map<string, readonly Resource[]>();
  const green: Interval[] = [];
  const over = new AbortController();
  let last = '';
  let greenSince: number | undefined;
  const look = (): void => {
    // Before each kind was listed, what is missing may be there.
    if (seen.size < kinds.length) return;
    const { text, green: isGreen } = resources.statusIn([...seen.values()].flat());
    const at = now();
    if (text !== last) notes.mark('status', text, at);
    last = text;
    if (isGreen) greenSince ??= at;
    else if (greenSince !== undefined) {
      green.push({ from: greenSince, to: at });
      greenSince = undefined;
    }
  };
  const watch = async (of: (typeof kinds)[number]): Promise<void> => {
    for await (const objects of kube.watch(of, namespace, over.signal)) {
      seen.set(`${of.apiVersion}/${of.kind}`, objects);
      look();
    }
  };
  // What the API refuses is no reason to end the cell.
  const watching = Promise.all(kinds.map(watch)).catch((error: unknown) => attach('statuses were not watched to the end', String(error)));
  return {
    stop: async (): Promise<readonly Interval[]> => {
      over.abort();
      await watching;
      if (greenSince !== undefined) green.push({ from: greenSince, to: now() });
      greenSince = undefined;
      return green;
    },
  };
}

/** Whether the stage's open route is open, and stays so: what was attached above it is gone. */
export async function isAsBefore({ probe, budgets }: CheckContext, stage: Stage): Promise<boolean> {
  const request = { host: stage.openHost, freshConnection: true, ...(stage.listener === 'https' ? { tls: {} } : {}) };
  let streak = 0;
  const isOpen = async (): Promise<boolean> => {
    const { response } = await probe.send(stage.gateway.endpoint(stage.listener), request);
    streak = response?.status === 200 ? streak + 1 : 0;
    return streak === 3;
  };
  const timeout = { milliseconds: budgets.traffic.ms, fallback: () => undefined };
  await pWaitFor(isOpen, { interval: 50, timeout });
  return streak === 3;
}

/** Most lines of logs that a timeline shows. */
const mostLines = 30;

/** Lines of controller and proxies that warn of something, with their times. */
export async function warnings(
  { kube, controller, proxies }: CellContext,
  { gateway, namespace }: Stage,
  since: Date,
): Promise<readonly { readonly at: number; readonly text: string }[]> {
  const pods = await controller.pods();
  const logs = pods.map(({ metadata }) => kube.logs({ namespace: metadata.namespace ?? '', name: metadata.name }, { since }));
  const texts = [...(await Promise.all(logs)), await proxies.log(gateway)]
    .join('\n')
    .split('\n')
    .filter((text) => concerns(text, namespace));
  const lines = texts.map((text) => ({ at: timeOf(text), text: text.slice(0, 400) }));
  return lines
    .filter(({ at, text }) => at >= since.getTime() && /"level":"(warn|error)"|\]\[(warning|error|critical)\]/.test(text))
    .toSorted((a, b) => a.at - b.at)
    .slice(0, mostLines);
}

/** Whether a line is about this stage, or names none: on the others cells are played at the same time. */
export function concerns(line: string, stage: string): boolean {
  const named = stagesIn(line);
  return named.length === 0 || named.includes(stage);
}

/** Of a line of kgateway's (JSON) or Envoy's (`[2026-11-22 23:37:25.559]...`); NaN for another. */
function timeOf(line: string): number {
  const written = /^\[([\d-]+) ([\d:.]+)\]/.exec(line);
  return Date.parse(written === null ? (/"time":"([^"]+)"/.exec(line)?.[1] ?? '') : `${written[1]}T${written[2]}Z`);
}
