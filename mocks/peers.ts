// SPDX-License-Identifier: Apache-2.0
import { isIPv6 } from 'node:net';
import type { CheckContext, FixtureFactory } from '../harness/check/check.ts';
import type { Resource } from '../harness/kube/kube.ts';
import type { ArrivalRecorder, ProbeEndpoint } from '../harness/probe/exchange.ts';
import type { AccessLogProgram } from './access-log/server.ts';
import type { EchoProgram } from './echo/behaviour.ts';
import type { ExtAuthzProgram } from './ext-authz/behaviour.ts';
import type { ExtProcProgram } from './ext-proc/behaviour.ts';
import type { Fault } from './instance/fault.ts';
import type { TlsProgram } from './instance/tls-settings.ts';
import type { Handshakes } from './instance/tls-front.ts';
import type { JwksProgram } from './jwks/behaviour.ts';
import type { KindName } from './kinds.ts';
import type { LlmProgram } from './llm/behaviour.ts';
import type { OtelProgram } from './otel/server.ts';
import type { RateLimitProgram } from './rate-limit/behaviour.ts';
import { startPeers } from './start-peers.ts';
import type { TcpEchoProgram } from './tcp-echo/server.ts';

/** A peer of one check: a Service in the check's namespace with a port, a behaviour and a record of its own behind it. */
export interface PeerFixture<Program> extends ArrivalRecorder {
  /** What a backend reference points to. */
  readonly service: { readonly name: string; readonly namespace: string; readonly port: number };
  /** Its Service with endpoints, in a namespace of its own or another one. */
  readonly resourcesIn: (namespace: string) => readonly Resource[];
  /** Where whoever does not go through the gateway reaches it: a browser at its provider. */
  readonly endpoint: ProbeEndpoint;
  /** Ids of all requests that arrived: for those who count thousands. */
  arrivedIds(): Promise<readonly string[]>;
  /** Begins a new record of what arrives. */
  forgetArrivals(): Promise<void>;
  /** Behaves like this from the next request on; what is left out is back at its default. */
  program(behaviour: Program): Promise<void>;
  /** Puts a fault in place of the present one, or none; when this resolves it holds for every connection. Established connections are cut. */
  fault(fault: Fault): Promise<void>;
  /** Serves TLS like this, with what `certificateAuthority(...).issue(...)` gives, or none; when this resolves it holds for every connection. */
  serveTls(tls: TlsProgram | null): Promise<void>;
  /** What came of TLS handshakes since `serveTls`: why the gateway refused this server, or this server the gateway. */
  handshakes(): Promise<Handshakes>;
  /** How many connections the gateway has made to it, those that met a fault included: what is known of requests that a fault kept from arriving. */
  connections(): Promise<number>;
}

/** The backend: answers with what reached it, or as programmed. */
export type Echo = PeerFixture<EchoProgram>;
/** An external authorization server. */
export type ExtAuth = PeerFixture<ExtAuthzProgram>;
/** An external processor. */
export type ExtProc = PeerFixture<ExtProcProgram>;
/** Where an issuer publishes its keys. */
export type JwksServer = PeerFixture<JwksProgram>;
/** A server of language models. */
export type LlmServer = PeerFixture<LlmProgram>;
/** A rate limit server. */
export type RateLimitServer = PeerFixture<RateLimitProgram>;
/** A backend that speaks bare TCP. */
export type TcpEcho = PeerFixture<TcpEchoProgram>;

interface PeerShape {
  /** Name of the peer and of its Service. */
  readonly name: string;
  readonly kind: KindName;
  /** Protocol of the Service's port, where a gateway has to be told. */
  readonly appProtocol?: string;
}

/** A fixture that opens an instance of a peer; its Service is announced, since it needs no instance behind it yet. */
export function peer<Program>(shape: PeerShape): FixtureFactory<PeerFixture<Program>> {
  return Object.assign((context: CheckContext) => openPeer<Program>(context, shape), {
    announce: (namespace: string) => [endpointsFor(shape, namespace), serviceFor(shape, namespace)],
  });
}

/** Fixture `echo`: a backend that answers with what reached it (JSON of an `EchoDescription`). */
export const echo = peer<EchoProgram>({ name: 'echo', kind: 'echo' });

/** Fixture `otherEcho`: a second backend. */
export const otherEcho = peer<EchoProgram>({ name: 'echo-other', kind: 'echo' });

/** Fixture `h2cEcho`: a backend that is said to speak HTTP/2 without TLS. */
export const h2cEcho = peer<EchoProgram>({ name: 'echo-h2c', kind: 'echo', appProtocol: 'kubernetes.io/h2c' });

/** Fixture `webSocketEcho`: a backend whose Service says that it talks WebSocket. */
export const webSocketEcho = peer<EchoProgram>({ name: 'echo-ws', kind: 'echo', appProtocol: 'kubernetes.io/ws' });

/** Fixture `extAuth`: an authorization server over gRPC that lets through what carries `x-ext-authz: allow`. */
export const extAuth = peer<ExtAuthzProgram>({ name: 'ext-authz', kind: 'ext-authz', appProtocol: 'kubernetes.io/h2c' });

/** Fixture `extAuthHttp`: the same over HTTP. */
export const extAuthHttp = peer<ExtAuthzProgram>({ name: 'ext-authz-http', kind: 'ext-authz-http' });

/** Fixture `extProc`: an external processor that leaves everything as it is. */
export const extProc = peer<ExtProcProgram>({ name: 'ext-proc', kind: 'ext-proc', appProtocol: 'kubernetes.io/h2c' });

/** Fixture `keyServer`: serves key sets over HTTP; empty ones before it is told. */
export const keyServer = peer<JwksProgram>({ name: 'jwks', kind: 'jwks' });

/** Fixture `llm`: a server of language models that speaks OpenAI's chat completions. */
export const llm = peer<LlmProgram>({ name: 'llm', kind: 'llm' });

/** Fixture `rateLimit`: a rate limit server that lets everything pass. */
export const rateLimit = peer<RateLimitProgram>({ name: 'rate-limit', kind: 'rate-limit', appProtocol: 'kubernetes.io/h2c' });

/** Fixture `tcpEcho`: a backend over bare TCP that says back each line. */
export const tcpEcho = peer<TcpEchoProgram>({ name: 'tcp-echo', kind: 'tcp-echo' });

/** Fixture `otherTcpEcho`: a second one. */
export const otherTcpEcho = peer<TcpEchoProgram>({ name: 'tcp-echo-other', kind: 'tcp-echo' });

/** Fixture `accessLog`: a sink for access logs over gRPC; each entry arrives under its request's id. */
export const accessLog = peer<AccessLogProgram>({ name: 'access-log', kind: 'access-log', appProtocol: 'kubernetes.io/h2c' });

/** Fixture `collector`: an OpenTelemetry collector; each span and each log record arrives under the id of its attribute `x-gauntlet-id`. */
export const collector = peer<OtelProgram>({ name: 'otel', kind: 'otel', appProtocol: 'kubernetes.io/h2c' });

/** What of a check's context an instance of a peer needs. */
export type PeerSurroundings = Pick<CheckContext, 'namespace' | 'session' | 'defer' | 'apply'>;

/** Port of every peer's Service; the instance behind it has another. */
export const servicePort = 8080;

async function openPeer<Program>(context: PeerSurroundings, shape: PeerShape): Promise<PeerFixture<Program>> {
  const { name, kind } = shape;
  const { namespace } = context;
  const peers = await context.session.share('peers', startPeers);
  const { control } = peers;
  const instance = await control.create(kind, name, {});
  context.defer(() => control.remove(instance.id));
  const resourcesIn = (where: string): readonly Resource[] => [
    endpointsFor(shape, where, { address: peers.address, port: instance.port }),
    serviceFor(shape, where),
  ];
  await context.apply(...resourcesIn(namespace));
  return {
    name,
    service: { name, namespace, port: servicePort },
    resourcesIn,
    endpoint: { address: peers.address, port: instance.port },
    arrivals: (id) => control.arrivals(instance.id, id),
    arrivedIds: () => control.ids(instance.id),
    forgetArrivals: () => control.forgetArrivals(instance.id),
    program: (behaviour) => control.program(instance.id, behaviour),
    fault: (fault) => control.setFault(instance.id, fault),
    serveTls: (tls) => control.setTls(instance.id, tls),
    handshakes: async () => (await control.view(instance.id)).handshakes ?? { completed: 0, failed: 0, failures: [] },
    connections: async () => (await control.view(instance.id)).connections,
  };
}

/** A Service without a selector: which instance it leads to is up to its endpoints. */
export function serviceFor({ name, appProtocol }: Pick<PeerShape, 'name' | 'appProtocol'>, namespace: string): Resource {
  const port = { name: 'peer', port: servicePort, protocol: 'TCP', ...(appProtocol === undefined ? {} : { appProtocol }) };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { ports: [port] } };
}

/**
 * Endpoints that are ready as soon as they are stored, and point at one instance of the shared pod; without one, none. A Service must not stand
 * without any: kgateway 2.2.0 lets its proxies wait 15 seconds for what it then never sends.
 */
export function endpointsFor(
  { name, appProtocol }: Pick<PeerShape, 'name' | 'appProtocol'>,
  namespace: string,
  instance?: { readonly address: string; readonly port: number },
): Resource {
  const protocol = appProtocol === undefined ? {} : { appProtocol };
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-peer`,
      namespace,
      labels: { 'kubernetes.io/service-name': name, 'endpointslice.kubernetes.io/managed-by': 'gauntlet.dev' },
    },
    addressType: instance !== undefined && isIPv6(instance.address) ? 'IPv6' : 'IPv4',
    endpoints: instance === undefined ? [] : [{ addresses: [instance.address], conditions: { ready: true } }],
    ports: [{ name: 'peer', port: instance?.port ?? servicePort, protocol: 'TCP', ...protocol }],
  };
}
