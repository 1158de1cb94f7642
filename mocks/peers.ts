// SPDX-License-Identifier: Apache-2.0
import { isIPv6 } from 'node:net';
import type { CheckContext, FixtureFactory } from '../harness/check/check.ts';
import type { Resource } from '../harness/kube/kube.ts';
import type { ArrivalRecorder } from '../harness/probe/exchange.ts';
import type { EchoProgram } from './echo/behaviour.ts';
import type { ExtAuthzProgram } from './ext-authz/behaviour.ts';
import type { Fault } from './instance/fault.ts';
import type { KindName } from './kinds.ts';
import { startPeers, type Peers } from './start-peers.ts';

/** A peer of one check: a Service in the check's namespace with a port, a behaviour and a record of its own behind it. */
export interface PeerFixture<Program> extends ArrivalRecorder {
  /** What a backend reference points to. */
  readonly service: { readonly name: string; readonly namespace: string; readonly port: number };
  /** Behaves like this from the next request on; what is left out is back at its default. */
  program(behaviour: Program): Promise<void>;
  /** Puts a fault in place of the present one, or none; when this resolves it holds for every connection. Established connections are cut. */
  fault(fault: Fault): Promise<void>;
  /** How many connections the gateway has made to it, those that met a fault included: what is known of requests that a fault kept from arriving. */
  connections(): Promise<number>;
  /** A second peer of the same kind, told apart by the label: `another('b')` of `echo` is `echo-b`. */
  another(label: string): Promise<PeerFixture<Program>>;
}

/** The backend: answers with what reached it, or as programmed. */
export type Echo = PeerFixture<EchoProgram>;
/** An external authorization server over gRPC. */
export type ExtAuth = PeerFixture<ExtAuthzProgram>;

interface PeerShape {
  readonly kind: KindName;
  /** Protocol of the Service's port, where a gateway has to be told. */
  readonly appProtocol?: string;
}

/** Fixture `echo`: a backend that answers with what reached it (JSON of an `EchoDescription`). */
export const echo: FixtureFactory<Echo> = (context) => openPeer(context, { kind: 'echo' });

/** Fixture `extAuth`: an authorization server that lets through what carries `x-ext-authz: allow`. */
export const extAuth: FixtureFactory<ExtAuth> = (context) => openPeer(context, { kind: 'ext-authz', appProtocol: 'kubernetes.io/h2c' });

/** Port of every peer's Service; the instance behind it has another. */
const servicePort = 8080;

async function openPeer<Program>(context: CheckContext, shape: PeerShape, label?: string): Promise<PeerFixture<Program>> {
  const name = label === undefined ? shape.kind : `${shape.kind}-${label}`;
  const peers = await context.session.share('peers', startPeers);
  const { control } = peers;
  const instance = await control.create(shape.kind, name, {});
  context.defer(() => control.remove(instance.id));
  await context.apply(...serviceFor(peers, shape, { name, namespace: context.namespace, port: instance.port }));
  return {
    name,
    service: { name, namespace: context.namespace, port: servicePort },
    arrivals: (id) => control.arrivals(instance.id, id),
    program: (behaviour) => control.program(instance.id, behaviour),
    fault: (fault) => control.setFault(instance.id, fault),
    connections: async () => (await control.view(instance.id)).connections,
    another: (next) => openPeer(context, shape, next),
  };
}

/** A Service without a selector and its endpoints: ready as soon as they are stored, and pointing at one instance of the shared pod. */
function serviceFor(
  peers: Peers,
  shape: PeerShape,
  place: { readonly name: string; readonly namespace: string; readonly port: number },
): Resource[] {
  const { name, namespace, port } = place;
  const protocol = shape.appProtocol === undefined ? {} : { appProtocol: shape.appProtocol };
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: { ports: [{ name: 'peer', port: servicePort, targetPort: port, protocol: 'TCP', ...protocol }] },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: `${name}-peer`,
        namespace,
        labels: { 'kubernetes.io/service-name': name, 'endpointslice.kubernetes.io/managed-by': 'gauntlet.dev' },
      },
      addressType: isIPv6(peers.address) ? 'IPv6' : 'IPv4',
      endpoints: [{ addresses: [peers.address], conditions: { ready: true } }],
      ports: [{ name: 'peer', port, protocol: 'TCP', ...protocol }],
    },
  ];
}
