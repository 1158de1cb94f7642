// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import type { CheckContext } from '../../harness/check/check.ts';
import type { Kube, Resource } from '../../harness/kube/kube.ts';
import type { Proxies } from '../../fixtures/proxies.ts';
import { coldStartOf } from '../../harness/bench/cold-start.ts';
import { replaceProxy } from './new-proxy.ts';

const header = 'x-version';
const gateway = { name: 'load', namespace: 'ns' };

const pod = (uid: string, isReady: boolean, labels: Record<string, string> = { gateway: 'load' }): Resource => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: uid, uid, labels },
  status: { podIP: '127.0.0.1', conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
});

/** A cluster whose new proxy is ready once this says so, and a proxy that answers for so many of three routes by then. */
async function stage(routesWhenReady: number) {
  const ready = Promise.withResolvers<undefined>();
  let served = 0;
  const server = http.createServer(({ headers }, response) => {
    const route = Number(headers.host?.slice(1));
    response.writeHead(route < served ? 200 : 404, route < served ? { [header]: `v${route}` } : {}).end();
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const removed: string[] = [];
  const kube = {
    async *watch(_: unknown, __: unknown, signal: AbortSignal) {
      const over = new Promise((resolve) => {
        if (signal.aborted) resolve(undefined);
        else signal.addEventListener('abort', resolve, { once: true });
      });
      yield [pod('old', true), pod('backend', true, {}), pod('new', false)];
      await Promise.race([ready.promise, over]);
      if (signal.aborted) return;
      yield [pod('backend', true, {}), pod('new', true)];
      await over;
    },
    remove: ({ name }: { readonly name: string }) => Promise.resolve(void removed.push(name)),
  } as unknown as Kube;
  const context = { kube, target: { controller: { proxyLabels: { gateway: '$gateway' } } } } as unknown as CheckContext;
  const proxies = { pods: () => Promise.resolve([pod('old', true)]) } as unknown as Proxies;
  const routes = [0, 1, 2].map((route) => ({ question: { host: `r${route}`, path: '/', header }, version: `v${route}` }));
  const { port } = server.address() as AddressInfo;
  const becomeReady = (): void => {
    served = routesWhenReady;
    ready.resolve(undefined);
  };
  const lookout = { gateway, proxies, port, routes, isOver: new AbortController().signal };
  return { context, lookout, removed, becomeReady, serveAll: () => (served = 3) };
}

it('asks the new proxy from its first moment on, until it is ready and all is right', async () => {
  const { context, lookout, removed, becomeReady } = await stage(3);
  const startedAt = performance.now();
  setTimeout(becomeReady, 60);
  const { answers, readyAt } = await replaceProxy(context, { ...lookout, onReady: () => Promise.resolve() });
  expect(removed).toEqual(['old']);
  expect(answers.some(({ isRight }) => !isRight)).toBe(true);
  const cold = coldStartOf(answers, { startedAt, readyAt, routes: 3 });
  expect(cold).toMatchObject({ wrongWhileReady: 0, routesWrong: 0 });
  expect(cold.allMs).not.toBeNull();
});

it('sees one that is ready before it serves all', async () => {
  const { context, lookout, becomeReady, serveAll } = await stage(2);
  const startedAt = performance.now();
  becomeReady();
  const onReady = () => {
    setTimeout(serveAll, 60);
    return Promise.resolve();
  };
  const { answers, readyAt } = await replaceProxy(context, { ...lookout, onReady });
  const cold = coldStartOf(answers, { startedAt, readyAt, routes: 3 });
  expect(cold.routesWrong).toBe(1);
  expect(cold.wrongWhileReady).toBeGreaterThan(0);
  expect(cold.allMs).not.toBeNull();
});

it('gives up when the time is over', async () => {
  const { context, lookout } = await stage(3);
  const { answers, readyAt } = await replaceProxy(context, {
    ...lookout,
    onReady: () => Promise.resolve(),
    isOver: AbortSignal.timeout(80),
  });
  expect(readyAt).toBeUndefined();
  expect(coldStartOf(answers, { startedAt: 0, readyAt, routes: 3 })).toMatchObject({ readyMs: null, allMs: null });
});
