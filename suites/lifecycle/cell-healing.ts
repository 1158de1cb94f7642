// SPDX-License-Identifier: Apache-2.0
import { setTimeout as pause } from 'node:timers/promises';
import { seconds } from '../../harness/units.ts';
import { now } from './cell-play.ts';
import type { CellContext } from './define-cell.ts';
import type { PreparedPolicy } from './policy-row.ts';
import type { Stage } from './stage.ts';

/** New proxies are asked for so long before they count as open themselves. */
const lastOpening = seconds(5);

/** Whether what was open is closed with new proxies, which know nothing but what the controller says now. */
export async function healedByRestart(
  { kube, proxies, probe, budgets }: CellContext,
  stage: Stage,
  host: string,
  { anonymous, allowed }: PreparedPolicy,
): Promise<boolean> {
  const { namespace } = stage.gateway;
  for (const { metadata } of await proxies.pods(stage.gateway)) {
    await kube.remove({ apiVersion: 'v1', kind: 'Pod', name: metadata.name, namespace }, { graceSeconds: 0, wait: budgets.peer });
  }
  const ask = async (request: PreparedPolicy['allowed']): Promise<number | undefined> => {
    const { response } = await probe.send(stage.gateway.endpoint(stage.listener), { host, freshConnection: true, ...request });
    return response?.status;
  };
  const within = async (ms: number, holds: () => Promise<boolean>): Promise<boolean> => {
    const until = now() + ms;
    while (!(await holds())) {
      if (now() > until) return false;
      await pause(200);
    }
    return true;
  };
  await within(budgets.gateway.ms, async () => (await ask(allowed)) === 200);
  return within(lastOpening.ms, async () => (await ask(anonymous)) !== 200);
}
