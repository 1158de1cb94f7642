// SPDX-License-Identifier: Apache-2.0
import { setTimeout as pause } from 'node:timers/promises';
import type { Check, CheckContext } from '../../harness/check/check.ts';
import { holds } from '../../harness/check/matchers.ts';
import { downtimeOf } from '../../harness/bench/downtime.ts';
import { failoverOf } from '../../harness/bench/failover.ts';
import type { Resource } from '../../harness/kube/kube.ts';
import { startGenerator } from '../../harness/lifecycle/generator.ts';
import type { GeneratorSettings } from '../../harness/lifecycle/streams.ts';
import { milliseconds, seconds } from '../../harness/units.ts';
import { gateway } from '../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../fixtures/gateway-api/http-route.ts';
import { dialectOf } from '../../fixtures/targets/dialects.ts';
import { healthPath, loadBackendPort } from '../../mocks/load-backend/envoy-configuration.ts';
import { defineScenario } from '../define-scenario.ts';
import { startBackend, type LoadBackend } from '../load-stage.ts';
import type { Sickness } from './sicknesses.ts';

const answered = 'once a sick backend had its time to be found, every request is answered';
const returns = 'a backend that is well again is served again';

const perSecond = 250;
/** The health of an endpoint is for all threads of a proxy alike, and new connections ask no other one. */
const shares: GeneratorSettings['shares'] = { 'http/1.1 kept': 8, 'http/1.1 fresh': 1, 'h2 kept': 1, 'h2 fresh': 0 };
/** Two answers in a row that do not come within half a second are 1.5 s. */
const health = { path: healthPath, every: milliseconds(500), inARow: 2, failedRequests: 5, awayFor: seconds(1) };
/** More than three times what the policy takes: the rest is for a machine that does something else. */
const mostMs = 5000;
const phase = { beforeMs: 4000, sickMs: mostMs + 3000, afterMs: 3000 } as const;
const requestTimeout = seconds(1);
/** Of the one that falls sick; the other one's is 200. */
const ownStatus = 203;
/** The Service of both. */
const both = { name: 'both', port: loadBackendPort };
const label = { 'gauntlet.dev/load': both.name };

/** Two backends, one of which falls sick under load and gets well again. */
export const backendFailover = (sickness: Sickness): Check =>
  defineScenario({
    id: `backend-failover-${sickness.id}`,
    title: `A gateway finds a backend ${sickness.title}, asks it nothing more, and comes back to it when it is well`,
    feature: 'backend.resilience',
    specification: [
      { title: 'gateway-api-bench, backend failover', url: 'https://github.com/howardjohn/gateway-api-bench' },
      { title: 'Envoy, outlier detection', url: 'https://www.envoyproxy.io/docs/envoy/v1.36.4/intro/arch_overview/upstream/outlier' },
    ],
    serial: true,
    requires: ['gateways', 'proxies'],
    sabotages: [
      { name: 'unheeded', title: 'Nobody looks whether the backends are well, and the cluster goes on to list both', breaks: answered },
      { name: 'never-healed', title: 'The sick backend stays sick', breaks: returns },
    ],
    async run(context) {
      const { apply, budgets, expect, gateways, namespace, proxies, sabotaged, signal, target, tellChart } = context;
      const host = context.hostname();
      const start = (name: string, status: number) =>
        startBackend(context, name, { status, labels: label, isAsked: sickness.isSeenByCluster });
      const sound = await start('sound', 200);
      const sick = await start('sick', ownStatus);
      await apply(serviceOfBoth);
      const live = await gateways.own(gateway('load').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
      await apply(
        httpRoute('app')
          .on(live)
          .host(host)
          .rule({ path: '/', timeouts: { request: requestTimeout }, to: both }),
      );
      await expect.eventually('both backends serve', async () => {
        const seen = new Set<number | undefined>();
        for (let count = 0; count < 16; count += 1) seen.add((await live.get('/0k', { host })).response?.status);
        holds(seen.has(200) && seen.has(ownStatus) && seen.size === 2, 'answers of both', 'others');
      });
      if (sabotaged('unheeded')) await apply(listed([sound, sick]));
      else {
        // After the first requests: a cluster without traffic is asked once a minute only.
        await apply(dialectOf(target).backendHealth('health', both.name, health));
        await expect.eventually('the gateway asks whether its backends are well', async () => {
          holds((await proxies.counter(live, 'health_check.attempt')) > 0, 'health checks', 'none');
        });
      }

      await using generator = startGenerator({
        endpoint: live.endpoint(),
        host,
        streams: [{ name: 'allowed', forbidden: false, perSecond, request: { path: '/0k' } }],
        shares,
        idPrefix: `${namespace}-`,
        timeoutMs: 5000,
        mostInFlight: 4096,
      });
      const patient = { backend: sick, start: () => start('sick', ownStatus) };
      await pause(phase.beforeMs, undefined, { signal });
      const struckAt = now();
      await sickness.strike(context, patient);
      await pause(phase.sickMs, undefined, { signal });
      const healedAt = now();
      if (!sabotaged('never-healed')) await sickness.heal(context, patient);
      const patience = sabotaged('never-healed') || sabotaged('unheeded') ? budgets.quiet : budgets.traffic;
      const isBack = AbortSignal.any([signal, AbortSignal.timeout(patience.ms)]);
      await generator
        .until((ended) => ended.slice(-perSecond).some(({ status, sentAt }) => status === ownStatus && sentAt >= healedAt), isBack)
        .catch(() => signal.throwIfAborted());
      await pause(phase.afterMs, undefined, { signal });
      const sent = await generator.stop();

      // Of answers, those of either backend are right.
      const { bySecond } = downtimeOf({
        ...sent,
        sendings: sent.sendings.map((one) => (one.status === ownStatus ? { ...one, status: 200 } : one)),
      });
      const failover = failoverOf(sent.sendings, { struckAt, healedAt, mostMs, status: ownStatus });
      tellFailover(context, sickness.id, failover);
      tellChart({
        title: 'Failed requests, by second',
        x: { title: 'seconds' },
        y: { title: 'failed' },
        form: 'line',
        series: [{ name: 'failed', points: bySecond.map((count, second) => [second, count]) }],
      });
      const { failedElsewhere, requests, returnedMs, came } = failover;
      await expect.now(answered, () => {
        const instead = Object.entries(came).map(([what, count]) => `${count} x ${what}`);
        holds(failedElsewhere === 0, `all of ${requests}`, `${failedElsewhere} were not; in all ${instead.join(', ')}`);
      });
      await expect.now(returns, () => holds(returnedMs !== null, `an answer of it within ${budgets.traffic.ms / 1000} s`, 'none'));
    },
  });

function tellFailover({ tellMeasured }: CheckContext, cell: string, failover: ReturnType<typeof failoverOf>): void {
  const { requests, errors, ejectedMs, returnedMs, shareBefore, shareAfter } = failover;
  tellMeasured(
    { cell, metric: 'requests', unit: 'count', value: requests },
    { cell, metric: 'errors of the sick one', unit: 'count', value: errors },
    { cell, metric: 'until it was found', unit: 'ms', value: ejectedMs },
    { cell, metric: 'failed later or before', unit: 'count', value: failover.failedElsewhere },
    { cell, metric: 'from healing to its first answer', unit: 'ms', value: returnedMs },
    { cell, metric: 'its share before', unit: 'share', value: shareBefore },
    { cell, metric: 'its share after', unit: 'share', value: shareAfter },
  );
}

const now = (): number => performance.timeOrigin + performance.now();

const serviceOfBoth: Resource = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: both.name },
  spec: { selector: label, ports: [{ name: 'http', port: both.port, targetPort: loadBackendPort }] },
};

/** Endpoints that stay as they are, whatever becomes of the pods. */
const listed = (backends: readonly LoadBackend[]): Resource => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name: `${both.name}-listed`,
    labels: { 'kubernetes.io/service-name': both.name, 'endpointslice.kubernetes.io/managed-by': 'gauntlet.dev' },
  },
  addressType: backends.some(({ endpoint }) => endpoint.address.includes(':')) ? 'IPv6' : 'IPv4',
  endpoints: backends.map(({ endpoint }) => ({ addresses: [endpoint.address], conditions: { ready: true } })),
  ports: [{ name: 'http', port: loadBackendPort, protocol: 'TCP' }],
});
