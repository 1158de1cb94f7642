// SPDX-License-Identifier: Apache-2.0
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import type { CheckContext } from '../../harness/check/check.ts';
import { holds } from '../../harness/check/matchers.ts';
import type { PodGroup } from '../../harness/machine/pod-group.ts';
import type { ProbeEndpoint } from '../../harness/probe/exchange.ts';
import { certificateAuthority, type Identity } from '../../fixtures/certificates/authority.ts';
import { caConfigMap, tlsSecret } from '../../fixtures/core/core.ts';
import { gateway } from '../../fixtures/gateway-api/gateway.ts';
import { httpRoute, requestHeaders } from '../../fixtures/gateway-api/http-route.ts';
import type { Gateways, LiveGateway } from '../../fixtures/gateways.ts';
import { loadBackendTlsPort } from '../../mocks/load-backend/envoy-configuration.ts';
import { bridgedContentType, grpcFrame } from '../../mocks/load-backend/grpc-answers.ts';
import { webSocketEcho } from '../../mocks/peers.ts';
import { groupOfPeers, startBackend } from '../load-stage.ts';
import { grpcMethod, type Protocol } from './protocols.ts';

/** A gateway with a backend behind it, and the same backend without it. */
export interface ThroughputStage {
  readonly live: LiveGateway;
  readonly host: string;
  readonly direct: ProbeEndpoint;
  /** Whoever answers. */
  readonly servers: PodGroup;
  /** Of a client that is let in; absent without TLS. */
  readonly identity?: Identity;
  /** Whether the gateway answers rightly; throws if it does not. */
  readonly serves: () => Promise<void>;
  /** Whether it refuses a client that shows no certificate; throws if it does not. */
  readonly refusesStrangers: () => Promise<void>;
}

/** Faults of the stage. */
export interface StageFaults {
  /** Half of all requests go to a backend that is not there. */
  readonly isBroken?: boolean;
  /** The listener asks for no client certificate. */
  readonly asksNobody?: boolean;
}

/** How a stage is to be. */
export type StageShape = Pick<Protocol, 'listener' | 'backend'>;

/** Sets the stage; nothing of it is measured yet. */
export async function throughputStage(
  context: CheckContext & { readonly gateways: Gateways },
  { listener, backend }: StageShape,
  { isBroken = false, asksNobody = false }: StageFaults = {},
): Promise<ThroughputStage> {
  const { apply, gateways } = context;
  const host = context.hostname();
  const isSecure = listener !== 'plain';
  const isMutual = listener === 'mutual-tls';
  const [servers, clients] = await Promise.all([certificateAuthority('servers'), certificateAuthority('clients')]);
  const [server, identity] = await Promise.all([
    servers.issue({ name: host, usage: 'server' }),
    clients.issue({ name: 'load', usage: 'client' }),
  ]);
  const answering = await answerer(
    context,
    backend,
    isSecure ? { identity: server, ...(isMutual ? { clientAuthority: clients.certificate } : {}) } : undefined,
  );
  if (isSecure) await apply(tlsSecret('server', server), caConfigMap('clients', [clients]));
  const bare = isSecure
    ? gateway('load').listener({ name: 'https', port: 8443, protocol: 'HTTPS', certificates: ['server'] })
    : gateway('load').listener({ name: 'http', port: 8080, protocol: 'HTTP' });
  const live = await gateways.own(isMutual && !asksNobody ? bare.clientCertificates({ mode: 'AllowValidOnly', cas: ['clients'] }) : bare);
  const { to } = answering;
  const backends = isBroken ? [to, { name: 'missing', port: to.port }] : to;
  const filters = backend === 'grpc' ? { filters: [requestHeaders({ set: { 'content-type': bridgedContentType } })] } : {};
  await apply(
    httpRoute('load')
      .on(live)
      .host(host)
      .rule({ path: '/', to: backends, ...filters }),
  );

  const tls = isSecure ? { tls: { ca: servers.certificate, ...identity } } : {};
  const ask = {
    http: async () => (await live.get('/0k', { host, ...tls, freshConnection: true })).response?.status === 200,
    'web-socket': async () => (await live.get('/', { host, webSocket: 'ready' })).response?.body === 'ready',
    grpc: () => isCalled(live.endpoint(), host),
  }[backend];
  return {
    live,
    host,
    direct: answering.direct,
    servers: answering.group,
    ...(isSecure ? { identity } : {}),
    serves: async () => holds(await ask(), 'a right answer', 'none'),
    refusesStrangers: async () => {
      const { error, response } = await live.get('/0k', { host, tls: { ca: servers.certificate }, freshConnection: true });
      holds(error?.layer === 'tls', 'refused by tls', response === undefined ? (error?.code ?? 'nothing') : String(response.status));
    },
  };
}

/** Who answers behind the gateway. */
async function answerer(
  context: CheckContext,
  backend: Protocol['backend'],
  tls: { readonly identity: Identity; readonly clientAuthority?: string } | undefined,
): Promise<{
  readonly to: { readonly name: string; readonly port: number };
  readonly direct: ProbeEndpoint;
  readonly group: PodGroup;
}> {
  if (backend === 'web-socket') {
    const { service, endpoint } = await webSocketEcho(context);
    return { to: { name: service.name, port: service.port }, direct: endpoint, group: await groupOfPeers(context) };
  }
  const { name, port, endpoint, group } = await startBackend(context, 'backend', {
    ...(backend === 'grpc' ? { answers: 'grpc' } : {}),
    ...(tls === undefined ? {} : { tls }),
  });
  return { to: { name, port }, direct: tls === undefined ? endpoint : { ...endpoint, port: loadBackendTlsPort }, group };
}

/** Whether a client of gRPC that is others' takes the answer for one: with its message, its status and its trailers. */
async function isCalled({ address, port }: ProbeEndpoint, host: string): Promise<boolean> {
  const client = new Client(`${address.includes(':') ? `[${address}]` : address}:${port}`, credentials.createInsecure(), {
    'grpc.default_authority': host,
  });
  const asIs = (message: Buffer): Buffer => message;
  try {
    return await new Promise((resolve) => {
      const options = { deadline: Date.now() + 5000 };
      client.makeUnaryRequest(grpcMethod('/1k'), asIs, asIs, Buffer.alloc(0), new Metadata(), options, (error, message) =>
        resolve(error === null && message?.equals(grpcFrame(1024).subarray(5)) === true),
      );
    });
  } finally {
    client.close();
  }
}
