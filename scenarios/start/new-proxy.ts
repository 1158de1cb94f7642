// SPDX-License-Identifier: Apache-2.0
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { CheckContext } from '../../harness/check/check.ts';
import { conditionsOf } from '../../harness/check/conditions.ts';
import { askVersion, type VersionQuestion } from '../../harness/bench/answer-watch.ts';
import type { StartAnswer } from '../../harness/bench/cold-start.ts';
import type { Resource } from '../../harness/kube/kube.ts';
import type { ProbeEndpoint } from '../../harness/probe/exchange.ts';
import { isEnding } from '../../harness/target/controller-state.ts';
import type { OfGateway, Proxies } from '../../fixtures/proxies.ts';
import { forEachAtOnce } from '../at-once.ts';

/** A route, by what it is asked and what it should say. */
export interface AskedRoute {
  readonly question: Omit<VersionQuestion, 'endpoint'>;
  readonly version: string;
}

/** A proxy that takes another one's place. */
export interface NewProxy {
  /** Each question that it was asked, without any Service in between. */
  readonly answers: readonly StartAnswer[];
  /** By {@link performance.now}; absent if it was not ready within the time. */
  readonly readyAt: number | undefined;
}

/** How a new proxy is looked at. */
export interface Lookout {
  readonly gateway: OfGateway;
  readonly proxies: Proxies;
  /** Where proxies of this Gateway listen. */
  readonly port: number;
  readonly routes: readonly AskedRoute[];
  /** Called once the new proxy is ready, before it is asked anything more. */
  readonly onReady: () => Promise<void>;
  /** Ends the looking. */
  readonly isOver: AbortSignal;
}

const atOnce = 8;
/** More often would take the processor from the proxy that starts. */
const betweenMs = 20;

/**
 * Takes the proxies of a Gateway away, and asks the one that comes, until it is ready and gives every route's own answer in a round of questions that began
 * after that; or until the time is over.
 */
export async function replaceProxy(context: CheckContext, lookout: Lookout): Promise<NewProxy> {
  const { kube } = context;
  const { gateway, proxies, isOver, onReady } = lookout;
  const before = await proxies.pods(gateway);
  const done = new AbortController();
  const seen: { endpoint?: ProbeEndpoint; readyAt?: number } = {};
  const watching = (async () => {
    for await (const pods of kube.watch({ apiVersion: 'v1', kind: 'Pod' }, gateway.namespace, AbortSignal.any([isOver, done.signal]))) {
      const fresh = pods.find(
        (pod) => isProxyOf(context, gateway, pod) && before.every(({ metadata }) => metadata.uid !== pod.metadata.uid),
      );
      const { podIP } = (fresh?.['status'] ?? {}) as { readonly podIP?: string };
      if (podIP !== undefined) seen.endpoint = { address: podIP, port: lookout.port };
      if (fresh !== undefined && isReady(fresh)) seen.readyAt ??= performance.now();
    }
  })();
  watching.catch(() => undefined);
  for (const { apiVersion, kind, metadata } of before)
    await kube.remove({ apiVersion, kind, name: metadata.name, namespace: gateway.namespace }, { graceSeconds: 0 });

  const answers: StartAnswer[] = [];
  const agent = new http.Agent({ keepAlive: true, maxSockets: atOnce });
  let isTold = false;
  try {
    while (!isOver.aborted) {
      const { endpoint, readyAt } = seen;
      if (endpoint !== undefined) {
        const wasReady = readyAt !== undefined;
        if (wasReady && !isTold) {
          isTold = true;
          await onReady();
        }
        if ((await roundOf(lookout.routes, endpoint, wasReady, agent, answers)) && wasReady) break;
      }
      await pause(betweenMs);
    }
  } finally {
    agent.destroy();
    done.abort();
    await watching.catch(() => undefined);
  }
  return { answers, readyAt: seen.readyAt };
}

/** Asks each route once; before the proxy is ready only the first, as long as that is not answered. Whether all were answered rightly. */
async function roundOf(
  routes: readonly AskedRoute[],
  endpoint: ProbeEndpoint,
  isReady: boolean,
  agent: http.Agent,
  answers: StartAnswer[],
): Promise<boolean> {
  const ask = async (route: number): Promise<boolean> => {
    const { question, version } = routes[route] as AskedRoute;
    const sentAt = performance.now();
    const answer = await askVersion({ ...question, endpoint }, agent);
    const isRight = answer.status === 200 && answer.version === version;
    answers.push({ route, sentAt, endedAt: performance.now(), isRight });
    return isRight;
  };
  if (!isReady && !(await ask(0))) return false;
  let isAllRight = true;
  await forEachAtOnce([...routes.keys()], atOnce, async (route) => {
    if (!(await ask(route))) isAllRight = false;
  });
  return isAllRight;
}

const isReady = (pod: Resource): boolean => conditionsOf(pod).some(({ type, status }) => type === 'Ready' && status === 'True');

function isProxyOf({ target }: CheckContext, { name }: OfGateway, pod: Resource): boolean {
  const labels = Object.entries(target.controller.proxyLabels);
  return !isEnding(pod) && labels.every(([label, value]) => pod.metadata.labels?.[label] === value.replace('$gateway', name));
}
