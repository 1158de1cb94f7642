// SPDX-License-Identifier: Apache-2.0
import pWaitFor from 'p-wait-for';
import { seconds, type Duration } from '../../harness/units.ts';
import type { CellContext } from './define-cell.ts';
import type { PreparedPolicy } from './policy-row.ts';
import type { Stage } from './stage.ts';

/** New proxies are asked for so long before they count as open themselves. */
const lastOpening = seconds(5);

/** Whether what was open is closed with new proxies, which know nothing but what the controller says now; undefined if those never serve. */
export async function healedByRestart(
  { kube, proxies, probe, budgets, signal }: CellContext,
  stage: Stage,
  host: string,
  { anonymous, allowed }: PreparedPolicy,
): Promise<boolean | undefined> {
  const { namespace } = stage.gateway;
  for (const { metadata } of await proxies.pods(stage.gateway)) {
    await kube.remove({ apiVersion: 'v1', kind: 'Pod', name: metadata.name, namespace }, { graceSeconds: 0, wait: budgets.peer });
  }
  const ask = async (request: PreparedPolicy['allowed']): Promise<number | undefined> => {
    const { response } = await probe.send(stage.gateway.endpoint(stage.listener), { host, freshConnection: true, ...request });
    return response?.status;
  };
  const within = async ({ ms }: Duration, holds: () => Promise<boolean>): Promise<boolean> =>
    await pWaitFor(async () => (await holds()) && pWaitFor.resolveWith(true), {
      interval: 200,
      timeout: { milliseconds: ms, fallback: () => false },
      signal,
    });
  if (!(await within(budgets.gateway, async () => (await ask(allowed)) === 200))) return undefined;
  return within(lastOpening, async () => (await ask(anonymous)) !== 200);
}
