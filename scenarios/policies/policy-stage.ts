// SPDX-License-Identifier: Apache-2.0
import pWaitFor from 'p-wait-for';
import type { CheckContext } from '../../harness/check/check.ts';
import type { Exchange } from '../../harness/probe/exchange.ts';
import type { Duration } from '../../harness/units.ts';
import { httpRoute, type HttpRouteRule } from '../../fixtures/gateway-api/http-route.ts';
import type { LiveGateway } from '../../fixtures/gateways.ts';
import type { Policies } from '../../fixtures/policies/policies.ts';
import { policyRows, type AskedPeers, type PolicyRow, type PricedPolicy } from './policy-rows.ts';

/** What a policy is written with. */
export interface PolicyContext extends CheckContext, AskedPeers {
  readonly policies: Policies;
  readonly live: LiveGateway;
  /** Where allowed requests go. */
  readonly to: NonNullable<HttpRouteRule['to']>;
}

/** A policy in force on a route. */
export interface PricedRow extends PricedPolicy, Pick<PolicyRow, 'id' | 'title'> {
  /** Of its route, and of that for forbidden requests. */
  readonly host: string;
  readonly forbiddenHost: string;
}

/** Faults of the stage, by the row that has them. */
export interface Faults {
  readonly unattached?: string | undefined;
  readonly broken?: string | undefined;
}

const oneIn = 20;
const pollMs = 100;
/** Each thread of a proxy takes a policy over at a moment of its own. */
const streak = 8;

/** Writes a route for each policy that the target has. */
export async function writePolicies(context: PolicyContext, faults: Faults): Promise<readonly PricedRow[]> {
  const rows: PricedRow[] = [];
  for (const row of policyRows.filter(({ feature }) => context.target.features.includes(feature))) {
    const { id, title } = row;
    const host = context.hostname(id);
    const prepared = await row.prepare(context, host, context.policies.outcomes);
    await writeRoute(context, {
      name: id,
      host,
      intent: id === faults.unattached ? undefined : prepared.intent,
      isBroken: id === faults.broken,
    });
    const elsewhere = prepared.forbidden?.elsewhere;
    const forbiddenHost = elsewhere === undefined ? host : context.hostname(`${id}-forbidden`);
    if (elsewhere !== undefined) await writeRoute(context, { name: `${id}-forbidden`, host: forbiddenHost, intent: elsewhere });
    rows.push({ ...prepared, id, title, host, forbiddenHost });
  }
  return rows;
}

/** A route, with a policy of its name. */
export async function writeRoute(
  { apply, live, policies, to }: PolicyContext,
  { name, host, intent, isBroken = false }: { name: string; host: string; intent?: PricedPolicy['intent']; isBroken?: boolean },
): Promise<void> {
  const backends =
    isBroken && 'port' in to
      ? [
          { ...to, weight: oneIn - 1 },
          { ...to, name: 'missing', weight: 1 },
        ]
      : to;
  const route = httpRoute(name).on(live).host(host).rule({ path: '/', to: backends });
  await apply(route);
  if (intent !== undefined) await policies.apply(intent, route, name);
}

/** Returns once every policy lets pass what is allowed and denies what is forbidden, or the time is over: what then holds is said by the load. */
export async function untilInForce({ live }: PolicyContext, rows: readonly PricedRow[], within: Duration): Promise<void> {
  const ask = (host: string, request: PricedPolicy['allowed']): Promise<Exchange> =>
    live.send({ ...request, host, path: '/', freshConnection: true });
  const holds = async ({ host, forbiddenHost, allowed, forbidden, shows }: PricedRow): Promise<boolean> => {
    for (let count = 0; count < streak; count += 1) {
      const { response } = await ask(host, allowed);
      const isShown = shows === undefined || response?.headers[shows.header]?.[0] === shows.value;
      if (response?.status !== 200 || !isShown) return false;
      if (forbidden !== undefined && (await ask(forbiddenHost, forbidden.request)).response?.status !== forbidden.status) return false;
    }
    return true;
  };
  const timeout = { milliseconds: within.ms, fallback: () => undefined };
  await Promise.all(rows.map((row) => pWaitFor(() => holds(row), { interval: pollMs, timeout })));
}
