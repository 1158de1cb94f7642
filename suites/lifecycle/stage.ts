// SPDX-License-Identifier: Apache-2.0
import type { Apply, CheckContext, SharedContext } from '../../harness/check/check.ts';
import { namespaceReference, runLabel, runNamespace } from '../../harness/check/run-namespace.ts';
import type { Kube, Resource } from '../../harness/kube/kube.ts';
import { selfSigned } from '../../fixtures/certificates/authority.ts';
import { tlsSecret } from '../../fixtures/core/core.ts';
import { gateway, type Gateway } from '../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../fixtures/gateway-api/http-route.ts';
import { gateways, type LiveGateway } from '../../fixtures/gateways.ts';
import {
  echo,
  extAuth,
  extAuthHttp,
  extProc,
  keyServer,
  rateLimit,
  type Echo,
  type ExtAuth,
  type ExtProc,
  type JwksServer,
  type RateLimitServer,
} from '../../mocks/peers.ts';
import { oidc, type OidcProvider } from '../../mocks/oidc/fixture.ts';

/** A listener of a stage on which cells may play. */
export type StageListener = 'http' | 'https';

/** A namespace with a Gateway and peers, which cells use one after the other. */
export interface Stage {
  readonly namespace: string;
  readonly gateway: LiveGateway;
  /** The Gateway as it was written. */
  readonly definition: Gateway;
  /** The listener on which the cell plays. */
  readonly listener: StageListener;
  /** Applies what stays when the cell ends; through the client of the cell, where it is one that takes its turn on the stage. */
  readonly apply: Apply;
  /** A host whose route no policy is meant for: open as long as nothing is attached above it. */
  readonly openHost: string;
  /** Namespace of someone else, which has copies of the Services of all servers that policies ask, and a backend of its own. */
  readonly abroad: { readonly namespace: string; readonly echo: Echo };
  readonly echo: Echo;
  readonly extAuth: ExtAuth;
  readonly extAuthHttp: ExtAuth;
  readonly extProc: ExtProc;
  readonly keyServer: JwksServer;
  readonly oidc: OidcProvider;
  readonly rateLimit: RateLimitServer;
}

/** Everyone who remembers what arrived: 500 requests a second from one cell after the other would be more than a pod can hold. */
export function peersOf({ abroad, echo, extAuth, extAuthHttp, extProc, keyServer, oidc, rateLimit }: Stage) {
  return [abroad.echo, echo, extAuth, extAuthHttp, extProc, keyServer, oidc, rateLimit];
}

/** Stages of a run: as many as cells play at once. */
export interface Stages {
  /** One that nobody else has; made if all are taken. */
  take(context: CheckContext): Promise<Stage>;
  /** Gives one back that is as it was before. */
  giveBack(stage: Stage): void;
  /** Removes one that is not, so that its proxies are a burden to nobody. */
  discard(stage: Stage): Promise<void>;
}

const stageNamespace = (run: string, number: number): string => `${run}-stage-${number}`;

/** Namespaces of stages that a text names. */
export const stagesIn = (text: string): readonly string[] => text.match(/[\w-]+-stage-\d+/g) ?? [];

/** The fixture `stages`. */
export function stages({ session }: CheckContext): Promise<Stages> {
  return session.share('lifecycle-stages', (shared) => Promise.resolve(createStages(shared)));
}

function createStages(shared: SharedContext): Stages {
  const free: Stage[] = [];
  let made = 0;
  return {
    take: async (context) => {
      const ready = free.pop() ?? (await createStage(stageNamespace(shared.namespace, (made += 1)), context, shared));
      return { ...ready, apply: applyThrough(context.kube, ready.namespace, shared.runId) };
    },
    giveBack: (stage) => void free.push(stage),
    discard: async ({ namespace, abroad }) => {
      for (const name of [namespace, abroad.namespace]) await shared.kube.remove(namespaceReference(name));
    },
  };
}

async function createStage(namespace: string, check: CheckContext, shared: SharedContext): Promise<Stage> {
  const { kube, runId } = shared;
  const made = async (name: string): Promise<CheckContext> => {
    await kube.apply(runNamespace(name, runId));
    shared.defer(() => kube.remove(namespaceReference(name)));
    return { ...check, namespace: name, apply: applyThrough(kube, name, runId), defer: (cleanUp) => shared.defer(cleanUp) };
  };
  const context = await made(namespace);
  const { apply } = context;
  const elsewhere = await made(`${namespace}-abroad`);

  // Services first: a gateway that learns of them later may let its proxies wait for their endpoints.
  const peers = {
    echo: await echo(context),
    extAuth: await extAuth(context),
    extAuthHttp: await extAuthHttp(context),
    extProc: await extProc(context),
    keyServer: await keyServer(context),
    oidc: await oidc(context),
    rateLimit: await rateLimit(context),
  };
  const asked = [peers.extAuth, peers.extAuthHttp, peers.extProc, peers.rateLimit];
  await elsewhere.apply(...asked.flatMap(({ resourcesIn }) => resourcesIn(elsewhere.namespace)));
  const abroad = { namespace: elsewhere.namespace, echo: await echo(elsewhere) };
  await apply(tlsSecret('gateway', await selfSigned({ name: 'gateway.gauntlet.test', usage: 'server' })));
  const own = gateway('stage')
    .ofClass(shared.target.gatewayClass)
    .inNamespace(namespace)
    .listener({ name: 'http', port: 8080, protocol: 'HTTP' })
    .listener({ name: 'https', port: 8443, protocol: 'HTTPS', certificates: ['gateway'] })
    .listener({ name: 'https-other', port: 8444, protocol: 'HTTPS', certificates: ['gateway'] });
  const live = await (await gateways(context)).own(own);
  const openHost = `open.${namespace}.test`;
  await apply(httpRoute('open').on(live).host(openHost).rule({ to: peers.echo.service }));
  return { namespace, gateway: live, definition: own, listener: 'http', apply, openHost, abroad, ...peers };
}

function applyThrough(kube: Kube, namespace: string, runId: string): Apply {
  const applyAll = async (...resources: readonly Resource[]): Promise<readonly Resource[]> => {
    const stored: Resource[] = [];
    for (const { metadata, ...rest } of resources)
      stored.push(await kube.apply({ ...rest, metadata: { namespace, ...metadata, labels: { ...metadata.labels, [runLabel]: runId } } }));
    return stored;
  };
  return Object.assign(applyAll, { subject: applyAll });
}
