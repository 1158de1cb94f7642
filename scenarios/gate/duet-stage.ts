// SPDX-License-Identifier: Apache-2.0
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { CheckContext } from '../../harness/check/check.ts';
import { holds } from '../../harness/check/matchers.ts';
import { loadWithWrk } from '../../harness/bench/drivers/wrk.ts';
import type { Contestant, Duet, Place } from '../../harness/bench/duet.ts';
import { GauntletError } from '../../harness/errors.ts';
import { processorTime } from '../../harness/machine/processor-time.ts';
import { gateway } from '../../fixtures/gateway-api/gateway.ts';
import { httpRoute, requestHeaders, type HttpRouteRule } from '../../fixtures/gateway-api/http-route.ts';
import type { Gateways } from '../../fixtures/gateways.ts';
import type { Proxies } from '../../fixtures/proxies.ts';
import { dialectOf } from '../../fixtures/targets/dialects.ts';
import { loadBackendPort } from '../../mocks/load-backend/envoy-configuration.ts';
import { groupOfProxy, startBackend } from '../load-stage.ts';
import type { GateLoad } from './loads.ts';

/** A fault of the candidate, for the gate's sabotages. */
export type Fault = 'slower' | 'slightly-slower' | 'throttled' | 'broken';

/** What the stage is made with. */
export type DuetContext = CheckContext & { readonly gateways: Gateways; readonly proxies: Proxies };

/** Everything that a gate plays with. */
export interface DuetStage {
  readonly duet: Duet;
  readonly baseline: Contestant;
  /** The same as the baseline: shows by how much two of the same differ. */
  readonly twin: Contestant;
  readonly candidate: Contestant;
}

/** Shorter windows are noisier, longer ones fewer. */
const windowSeconds = 2;

/** One backend for each place; every Gateway leads to both. */
const backends = ['place-0', 'place-1'] as const;

/** Headers that are added to each request, each some seven thousandths of what a request costs a proxy. */
const extraHeaders: Partial<Record<Fault, number>> = { slower: 12, 'slightly-slower': 7 };

/** Two backends, and three Gateways that lead to both: the baseline, its twin and the candidate. */
export async function setUpDuet(
  context: DuetContext,
  { connections }: GateLoad,
  candidate: { readonly image?: string; readonly fault?: Fault },
): Promise<DuetStage> {
  if (availableParallelism() < backends.length) {
    throw new GauntletError('GAUNTLET_MACHINE', 'Two gateways cannot play side by side on a machine with one processor', {
      hint: 'Use a machine with two processors or more.',
    });
  }
  const host = context.hostname();
  for (const name of backends) await startBackend(context, name);
  const wrk = join(context.tools.toolDirectories['wrk'] ?? '', 'wrk');
  return {
    duet: {
      places: [placeOf(0), placeOf(1)],
      host,
      connections,
      seconds: windowSeconds,
      load: (options) => loadWithWrk(wrk, options, context.signal),
      processorTime,
    },
    baseline: await contestant(context, 'baseline', host, {}),
    twin: await contestant(context, 'twin', host, {}),
    candidate: await contestant(context, 'candidate', host, candidate),
  };
}

const placeOf = (place: 0 | 1): Place => ({ processors: String(place), path: `/${place}` });

async function contestant(
  context: DuetContext,
  name: string,
  host: string,
  { image, fault }: { readonly image?: string; readonly fault?: Fault },
): Promise<Contestant> {
  const { apply, expect, target } = context;
  const bare = gateway(name).listener({ name: 'http', port: 8080, protocol: 'HTTP' });
  const parameters = image === undefined ? undefined : dialectOf(target).proxyImage(name, image);
  if (parameters !== undefined) await apply(parameters);
  const live = await context.gateways.own(parameters === undefined ? bare : bare.parameters(parameters));
  await apply(backends.reduce((route, _, place) => route.rule(ruleFor(place, fault)), httpRoute(name).on(live).host(host)));
  await expect.eventually(`the ${name} serves`, async () => {
    for (const place of backends.keys()) {
      const { response } = await live.get(`/${place}`, { host });
      holds(response?.status === 200, '200', String(response?.status ?? 'no answer'));
    }
  });
  return { endpoint: live.endpoint(), group: await groupOfProxy(context.proxies, live) };
}

function ruleFor(place: number, fault: Fault | undefined): HttpRouteRule {
  const backend = { name: `place-${place}`, port: loadBackendPort };
  const length = (fault && extraHeaders[fault]) ?? 0;
  const busy = Object.fromEntries(Array.from({ length }, (_, index) => [`x-busy-${index}`, 'x'.repeat(16)]));
  return {
    path: `/${place}`,
    to:
      fault === 'broken'
        ? [
            { ...backend, weight: 19 },
            { ...backend, name: 'missing', weight: 1 },
          ]
        : backend,
    ...(length > 0 ? { filters: [requestHeaders({ set: busy })] } : {}),
  };
}
