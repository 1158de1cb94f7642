// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { holds } from '../../harness/check/matchers.ts';
import { askVersion } from '../../harness/bench/answer-watch.ts';
import { loadWithWrk } from '../../harness/bench/drivers/wrk.ts';
import type { Measurement } from '../../harness/bench/measurement.ts';
import { ratioToNone, roundOf, type OverheadWindow, type Ratio } from '../../harness/bench/overhead.ts';
import { denialsOf, isDenied, type Denials } from '../../harness/bench/parity.ts';
import { startGenerator, type Generator } from '../../harness/lifecycle/generator.ts';
import type { GeneratorSettings } from '../../harness/lifecycle/streams.ts';
import type { PodGroup } from '../../harness/machine/pod-group.ts';
import type { Duration } from '../../harness/units.ts';
import { gateway } from '../../fixtures/gateway-api/gateway.ts';
import { defineScenario } from '../define-scenario.ts';
import { groupOfPeers, groupOfProxy, processorsOfStage, startBackend } from '../load-stage.ts';
import { untilInForce, writePolicies, writeRoute, type PolicyContext, type PricedRow } from './policy-stage.ts';

const passes = 'every allowed request passes, at the limit of the gateway too';
const denied = 'every forbidden request is denied, at the limit of the gateway too';
const shown = 'what a policy changes is changed in every answer';

const sabotages = [
  { name: 'one-broken', title: 'One request in twenty of the route with JWT goes to a backend that is not there', breaks: passes },
  { name: 'one-unattached', title: 'The policy with API keys is attached to nothing', breaks: denied },
  { name: 'one-unrewritten', title: 'The policy that rewrites headers is attached to nothing', breaks: shown },
] as const;

const connections = 16;
const windowSeconds = 1;
/** Of eight ratios there is an interval of 95 %; fewer than six have none. */
const rounds = 8;
/** Forbidden requests of each policy: enough to see one in some hundreds, too few to be a load. */
const forbiddenPerSecond = 8;
const shares: GeneratorSettings['shares'] = { 'http/1.1 kept': 4, 'http/1.1 fresh': 1, 'h2 kept': 1, 'h2 fresh': 0 };
const showEveryMs = 50;
/** A proxy that is less busy was held up by somebody else. */
const saturated = 0.85;

/** A window with all that was seen in it. */
interface PlayedWindow extends OverheadWindow {
  readonly failed: number;
  readonly requests: number;
  readonly busy: number;
  /** Answers beside the load that did not show what the policy changes, and how many were asked. */
  readonly unshown: number;
  readonly looked: number;
}

/** Scenario 10 of the performance anchors: each policy beside none, in the same seconds. */
export default defineScenario({
  id: 'policy-overhead',
  title: 'Policies do at the limit of the gateway what they do without load, and this is their price',
  feature: 'routing.http',
  specification: [{ title: 'Gateway API, policy attachment', url: 'https://gateway-api.sigs.k8s.io/reference/policy-attachment/' }],
  serial: true,
  requires: ['extAuth', 'extProc', 'gateways', 'policies', 'proxies'],
  sabotages,
  async run(context) {
    const { budgets, expect, gateways, namespace, proxies, sabotaged, signal, tellMeasured } = context;
    const backend = await startBackend(context, 'backend');
    const live = await gateways.own(gateway('load').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const stage: PolicyContext = { ...context, live, to: { name: backend.name, port: backend.port } };
    const noneHost = context.hostname('none');
    await writeRoute(stage, { name: 'none', host: noneHost });
    const unattached = sabotaged('one-unattached') ? 'api-key' : sabotaged('one-unrewritten') ? 'headers' : undefined;
    const rows = await writePolicies(stage, { unattached, broken: sabotaged('one-broken') ? 'jwt' : undefined });
    const isSabotaged = sabotages.some(({ name }) => sabotaged(name));
    const patience: Duration = isSabotaged ? { ms: budgets.traffic.ms / 4 } : budgets.traffic;
    await untilInForce(stage, rows, patience);

    // The peers that the proxy asks are with driver and backend.
    const { proxy: proxyOn, others } = processorsOfStage();
    const group = await groupOfProxy(proxies, live);
    await group.pin(proxyOn);
    await backend.group.pin(others);
    await (await groupOfPeers(context)).pin(others);

    const guarded = rows.flatMap(({ id, forbidden, forbiddenHost }) => (forbidden === undefined ? [] : [{ id, forbidden, forbiddenHost }]));
    await using generator = startGenerator({
      endpoint: live.endpoint(),
      host: noneHost,
      streams: guarded.map(({ id, forbidden: { request }, forbiddenHost }) => ({
        name: id,
        forbidden: true,
        perSecond: forbiddenPerSecond,
        request: { ...request, host: forbiddenHost, path: '/' },
      })),
      shares,
      idPrefix: `${namespace}-`,
      timeoutMs: 5000,
      mostInFlight: 1024,
    });
    const wrk = join(context.tools.toolDirectories['wrk'] ?? '', 'wrk');
    const play = async (row: PricedRow | undefined): Promise<PlayedWindow> => {
      const options = {
        endpoint: live.endpoint(),
        host: row?.host ?? noneHost,
        path: '/',
        connections,
        seconds: windowSeconds,
        processors: others,
      };
      return playWindow(group, generator, stage, row, () => loadWithWrk(wrk, { ...options, ...row?.allowed }, signal));
    };
    for (const row of [undefined, ...rows]) await play(row);
    const windows: PlayedWindow[] = [];
    for (let round = 0; round < (isSabotaged ? 1 : rounds); round += 1) {
      const order = roundOf(
        rows.map(({ id }) => id),
        round,
      );
      for (const id of order) windows.push(await play(rows.find((row) => row.id === id)));
    }
    const sent = await generator.stop();

    const denials = denialsOf(
      sent,
      guarded.map(({ id, forbidden }) => ({ ...forbidden, name: id })),
    );
    for (const row of rows)
      tellMeasured(
        ...measurementsOf(
          row,
          windows,
          denials.find(({ name }) => name === row.id),
        ),
      );
    const failed = windows.filter((window) => window.failed > 0);
    await expect.now(passes, () => {
      const where = new Set(failed.map(({ policy = 'none' }) => policy));
      holds(failed.length === 0, `all ${sum(windows, 'requests')}`, `${sum(failed, 'failed')} did not: ${[...where].join(', ')}`);
    });
    await expect.now(denied, () => {
      const wrong = denials.filter((one) => !isDenied(one));
      holds(wrong.length === 0, `all ${sent.sendings.length}`, wrong.map(toldDenials).join('; '));
    });
    await expect.now(shown, () => {
      const [unshown, looked] = [sum(windows, 'unshown'), sum(windows, 'looked')];
      holds(unshown === 0, `all ${looked}`, `${unshown} of ${looked} were as they came`);
    });
  },
});

async function playWindow(
  group: PodGroup,
  generator: Generator,
  { live }: PolicyContext,
  row: PricedRow | undefined,
  load: () => ReturnType<typeof loadWithWrk>,
): Promise<PlayedWindow> {
  const cpuBefore = await group.cpuSeconds();
  const besideBefore = generator.ended.length;
  let [looked, unshown] = [0, 0];
  const { shows } = row ?? {};
  const looking =
    row === undefined || shows === undefined
      ? undefined
      : setInterval(() => {
          void askVersion({ endpoint: live.endpoint(), host: row.host, path: '/', header: shows.header }, false).then(
            ({ status, version }) => {
              looked += 1;
              if (status === 200 && version !== shows.value) unshown += 1;
            },
          );
        }, showEveryMs);
  const result = await load().finally(() => clearInterval(looking));
  const cpu = (await group.cpuSeconds()) - cpuBefore;
  const requests = result.served + result.failed;
  const all = requests + generator.ended.length - besideBefore + looked;
  return {
    ...(row === undefined ? {} : { policy: row.id }),
    rate: result.served === 0 ? null : result.served / result.seconds,
    cpuPerRequest: requests === 0 ? null : cpu / all,
    failed: result.failed,
    requests,
    busy: cpu / result.seconds,
    unshown,
    looked,
  };
}

function measurementsOf(
  { id, title: cell }: PricedRow,
  windows: readonly PlayedWindow[],
  denials: Denials | undefined,
): readonly Measurement[] {
  const own = windows.filter(({ policy }) => policy === id);
  const busy = medianOf(own.map((window) => window.busy));
  const held =
    busy !== null && busy < saturated
      ? { invalid: `the proxy used ${(100 * busy).toFixed(0)} % of its processor: others were the limit` }
      : {};
  const ratio = (metric: string, told: Ratio | null, rest: Pick<Measurement, 'invalid'>): readonly Measurement[] => [
    { cell, metric, unit: 'share', value: told?.value ?? null, ...rest },
    { cell, metric: `${metric}, from (95 %)`, unit: 'share', value: told?.low ?? null, ...rest },
    { cell, metric: `${metric}, to (95 %)`, unit: 'share', value: told?.high ?? null, ...rest },
  ];
  const cpu = medianOf(own.flatMap(({ cpuPerRequest }) => cpuPerRequest ?? []));
  return [
    { cell, metric: 'requests', unit: 'per second', value: medianOf(own.flatMap(({ rate }) => rate ?? [])), ...held },
    ...ratio('requests to those without', ratioToNone(windows, id, 'rate'), held),
    { cell, metric: 'processor time per request', unit: 'ms', value: cpu === null ? null : 1000 * cpu },
    ...ratio('processor time to that without', ratioToNone(windows, id, 'cpuPerRequest'), {}),
    { cell, metric: 'allowed', unit: 'count', value: sum(own, 'requests') },
    { cell, metric: 'allowed that failed', unit: 'count', value: sum(own, 'failed') },
    { cell, metric: 'forbidden', unit: 'count', value: denials?.requests ?? null },
    { cell, metric: 'forbidden that passed', unit: 'count', value: denials?.passed ?? null },
  ];
}

const toldDenials = ({ name, requests, passed, other }: Denials): string =>
  [
    `${name}: of ${requests} forbidden requests ${passed} passed`,
    ...Object.entries(other).map(([what, count]) => `${count} were answered with ${what}`),
  ].join(', ');

const sum = (windows: readonly PlayedWindow[], field: 'failed' | 'requests' | 'unshown' | 'looked'): number =>
  windows.reduce((total, window) => total + window[field], 0);

function medianOf(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? null;
}
