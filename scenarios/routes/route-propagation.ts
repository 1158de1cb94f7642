// SPDX-License-Identifier: Apache-2.0
import { max, median } from 'simple-statistics';
import type { CheckContext } from '../../harness/check/check.ts';
import { holds } from '../../harness/check/matchers.ts';
import { watchAnswers, type Answer, type AnswerWatch } from '../../harness/bench/answer-watch.ts';
import type { Measurement } from '../../harness/bench/measurement.ts';
import { propagationOf, settledAt, writeChange, type ChangeWritten, type Propagation } from '../../harness/bench/propagation.ts';
import { referenceTo } from '../../fixtures/core/reference.ts';
import { gateway } from '../../fixtures/gateway-api/gateway.ts';
import { defineScenario } from '../define-scenario.ts';
import { startBackend } from '../load-stage.ts';
import { versionedRoute, versionHeader } from './versioned-route.ts';

const served = 'every change is served';
const unharmed = 'no request fails while a route changes';
const stays = 'what is served once stays served';

const changes = 20;
/** What has settled is watched for so long: what is taken back is taken back soon. */
const lingerMs = 500;
/** Of the answers so far, those that can make a change settled. */
const mostLookedAt = 200;
/** With coarser questions the times would be of the probe. */
const finestMs = 1;

/** Scenario 5 of the performance anchors: from before the write to the first right answer, and to those that are right from then on. */
export default defineScenario({
  id: 'route-propagation',
  title: 'A changed route is served soon, by all threads of its proxies, and without a single failed request',
  feature: 'routing.http',
  specification: [
    { title: 'gateway-api-bench, route propagation', url: 'https://github.com/howardjohn/gateway-api-bench' },
    { title: 'HTTPRoute, ResponseHeaderModifier', url: 'https://gateway-api.sigs.k8s.io/guides/http-header-modifier/' },
  ],
  serial: true,
  requires: ['gateways'],
  sabotages: [
    { name: 'never-written', title: 'The last change is not written', breaks: served },
    { name: 'removed', title: 'The route is deleted and written anew', breaks: unharmed },
    { name: 'flaps', title: 'The last change is taken back for a moment', breaks: stays },
  ],
  async run(context) {
    const { expect, gateways, apply, kube, namespace, tellMeasured, tellChart, sabotaged, signal } = context;
    const host = context.hostname();
    const to = await startBackend(context, 'backend');
    const live = await gateways.own(gateway('load').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const at = (change: number) => versionedRoute({ name: 'changing', host, version: `${namespace}-${change}`, to, parent: live });
    await apply(at(0));
    const version = (change: number) => `${namespace}-${change}`;
    const watch = watchAnswers({ endpoint: live.endpoint(), host, path: '/', header: versionHeader });
    const came: Propagation[] = [];
    try {
      const first: ChangeWritten = { version: version(0), writtenAt: 0 };
      await untilSettled(watch, first, withinBudget(context));
      await expect.now('the route serves', () => holds(watch.answers.at(-1)?.version === first.version, first.version, 'something else'));
      for (let change = 1; change <= changes; change += 1) {
        const isLast = change === changes;
        const from = watch.answers.length;
        const isWritten = !(isLast && sabotaged('never-written'));
        const { written, acknowledgedMs } = await writeChange(version(change), async () => {
          if (isLast && sabotaged('removed')) {
            await kube.remove(referenceTo(at(change), namespace));
            await watch.until((answers) => answers.at(-1)?.status !== 200, signal);
          }
          if (isWritten) await apply(at(change));
        });
        await untilSettled(watch, written, withinBudget(context, isWritten ? 1 : 0.1));
        if (isLast && sabotaged('flaps')) {
          await apply(at(change - 1));
          await watch.until((answers) => answers.at(-1)?.version === version(change - 1), signal);
          await apply(at(change));
        }
        const propagation = propagationOf(watch.answers.slice(from), written);
        came.push(propagation);
        tellMeasured(...measurementsOf(`change ${change}`, { acknowledgedMs, ...propagation }));
      }
    } finally {
      await watch.stop();
    }
    tellMeasured(...summaryOf(came));
    tellChart({
      title: 'From write to answer, by change',
      x: { title: 'change' },
      y: { title: 'milliseconds' },
      form: 'scatter',
      series: [
        {
          name: 'first right answer',
          points: came.flatMap(({ firstMs }, index) => (firstMs === null ? [] : [[index + 1, firstMs] as const])),
        },
        {
          name: 'right from then on',
          points: came.flatMap(({ settledMs }, index) => (settledMs === null ? [] : [[index + 1, settledMs] as const])),
        },
      ],
    });
    await expect.now(served, () => {
      const unseen = came.filter(({ settledMs }) => settledMs === null).length;
      holds(unseen === 0, `all ${changes}`, `${unseen} were not`);
    });
    await expect.now(unharmed, () => {
      const failed = came.reduce((sum, one) => sum + one.failed, 0);
      holds(failed === 0, 'none', `${failed} requests`);
    });
    await expect.now(stays, () => {
      const wentBack = came.reduce((sum, one) => sum + one.wentBack, 0);
      holds(wentBack === 0, 'no older version after a newer one', `${wentBack} answers`);
    });
  },
});

const withinBudget = ({ signal, budgets }: CheckContext, part = 1): AbortSignal =>
  AbortSignal.any([signal, AbortSignal.timeout(part * budgets.traffic.ms)]);

/** Returns once a change has settled and was watched for a while, or the time is over: what became of it is read from the answers. */
async function untilSettled(watch: AnswerWatch, change: ChangeWritten, signal: AbortSignal): Promise<void> {
  let settled: number | undefined;
  const isOver = (answers: readonly Answer[]): boolean => {
    const last = answers.at(-1)?.endedAt ?? 0;
    settled ??= settledAt(answers.slice(-mostLookedAt), change);
    return settled !== undefined && last - settled >= lingerMs;
  };
  await watch.until(isOver, signal).catch(() => undefined);
}

/** Of all changes; null where one of them was never served. */
function summaryOf(came: readonly Propagation[]): readonly Measurement[] {
  const coarsest = coarse(Math.max(...came.map(({ resolutionMs }) => resolutionMs)));
  const times = {
    'first right answer': came.map(({ firstMs }) => firstMs),
    'right from then on': came.map(({ settledMs }) => settledMs),
  };
  return Object.entries(times).flatMap(([metric, some]) => {
    const known = some.filter((ms) => ms !== null);
    const of = (name: string, choose: (values: number[]) => number): Measurement => {
      const value = known.length === some.length ? choose(known) : null;
      return { cell: `${name} of ${some.length}`, metric, unit: 'ms', value, ...coarsest };
    };
    return [of('median', median), of('slowest', max)];
  });
}

const coarse = (resolutionMs: number): Pick<Measurement, 'invalid'> =>
  resolutionMs > finestMs ? { invalid: `questions were ${resolutionMs.toFixed(1)} ms apart (95 %)` } : {};

function measurementsOf(
  cell: string,
  { acknowledgedMs, firstMs, settledMs, failed, wentBack, resolutionMs }: Propagation & { readonly acknowledgedMs: number },
): readonly Measurement[] {
  return [
    { cell, metric: 'acknowledged', unit: 'ms', value: acknowledgedMs },
    { cell, metric: 'first right answer', unit: 'ms', value: firstMs, ...coarse(resolutionMs) },
    { cell, metric: 'right from then on', unit: 'ms', value: settledMs, ...coarse(resolutionMs) },
    { cell, metric: 'failed', unit: 'count', value: failed },
    { cell, metric: 'went back', unit: 'count', value: wentBack },
  ];
}
