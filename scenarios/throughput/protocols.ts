// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { SpecificationLink } from '../../harness/check/check.ts';
import { loadWithH2load } from '../../harness/bench/drivers/h2load.ts';
import type { LoadOptions, LoadResult } from '../../harness/bench/drivers/load.ts';
import { loadWithSockets, type SocketLoadTls } from '../../harness/bench/drivers/socket-load.ts';
import { loadWithWrk } from '../../harness/bench/drivers/wrk.ts';
import { bridgedContentType, grpcFrame, grpcPrefixBytes } from '../../mocks/load-backend/grpc-answers.ts';

/** One window of load on the gateway, or on the backend without it. */
export interface LoadWindow extends LoadOptions {
  /** Of each right answer, or of each message. */
  readonly bytes: number;
  readonly isDirect: boolean;
  /** What the window before this one came to, a second; absent for the first. */
  readonly rate?: number;
  /** A certificate of the authority whose clients are let in. */
  readonly identity?: SocketLoadTls['identity'];
}

/** What drivers are run with. */
export interface DriverSurroundings {
  /** Path of a tool's program, by its name. */
  readonly program: (tool: string, name?: string) => string;
  readonly signal: AbortSignal;
}

/** What a scenario of throughput speaks. */
export interface Protocol {
  /** Kebab-case, permanent. */
  readonly id: string;
  /** As part of a sentence: `HTTP/2 over TLS`. */
  readonly title: string;
  /** A row of `suites/features.ts`. */
  readonly feature: string;
  readonly specification: readonly SpecificationLink[];
  readonly listener: 'plain' | 'tls' | 'mutual-tls';
  /** Who answers: Envoy over HTTP, the same with messages of gRPC, or the echo over WebSocket. */
  readonly backend: 'http' | 'grpc' | 'web-socket';
  /** Part of a processor that the proxy gets. Less than one where no driver brings a whole one to its limit beside the backend, on two processors. */
  readonly proxyProcessors: number;
  readonly sends: 'requests' | 'messages';
  /** It plays all cells, whatever the budget: those that others publish. */
  readonly playsAll?: true;
  /** The driver that saturates the most. */
  load(window: LoadWindow, surroundings: DriverSurroundings): Promise<LoadResult>;
}

const usual = {
  feature: 'routing.http',
  specification: [{ title: 'gateway-api-bench, traffic performance', url: 'https://github.com/howardjohn/gateway-api-bench' }],
  listener: 'plain',
  backend: 'http',
  proxyProcessors: 1,
  sends: 'requests',
} as const;
const rfc = (number: number): SpecificationLink => ({ title: `RFC ${number}`, url: `https://www.rfc-editor.org/rfc/rfc${number}` });

/** Scenario 1 of the performance anchors. */
export const protocols: readonly Protocol[] = [
  {
    ...usual,
    id: 'http1',
    title: 'HTTP/1.1',
    playsAll: true,
    load: (window, { program, signal }) => loadWithWrk(program('wrk'), window, signal),
  },
  {
    ...usual,
    id: 'http2',
    title: 'HTTP/2 without TLS',
    specification: [...usual.specification, rfc(9113)],
    load: (window, { program, signal }) => loadWithH2load(program('h2load'), { ...window, protocol: 'h2c' }, signal),
  },
  {
    ...usual,
    id: 'http2-tls',
    title: 'HTTP/2 over TLS',
    specification: [...usual.specification, rfc(9113)],
    listener: 'tls',
    load: (window, { program, signal }) => loadWithH2load(program('h2load'), { ...window, protocol: 'h2' }, signal),
  },
  {
    ...usual,
    id: 'grpc',
    title: 'gRPC',
    feature: 'backend.protocol',
    specification: [{ title: 'gRPC over HTTP/2', url: 'https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md' }],
    backend: 'grpc',
    load: loadGrpc,
  },
  {
    ...usual,
    id: 'tls',
    title: 'HTTP/1.1 over TLS',
    specification: [...usual.specification, rfc(8446)],
    listener: 'tls',
    load: (window, { program, signal }) => loadWithH2load(program('h2load'), { ...window, protocol: 'http/1.1, TLS' }, signal),
  },
  {
    ...usual,
    id: 'mtls',
    title: 'HTTP/1.1 over TLS with client certificates',
    feature: 'mtls.frontend',
    specification: [...usual.specification, rfc(8446)],
    listener: 'mutual-tls',
    load: ({ identity, ...window }, { program, signal }) =>
      loadWithSockets(
        program('python', 'python3'),
        { ...window, work: 'requests', tls: identity === undefined ? {} : { identity } },
        signal,
      ),
  },
  {
    ...usual,
    id: 'websocket',
    title: 'WebSocket',
    feature: 'backend.protocol',
    specification: [rfc(6455)],
    backend: 'web-socket',
    proxyProcessors: 0.5,
    sends: 'messages',
    load: (window, { program, signal }) => loadWithSockets(program('python', 'python3'), { ...window, work: 'messages' }, signal),
  },
];

/** Method of the calls; the end of the path says how long the message of the answer is. */
export const grpcMethod = (path: string): string => `/gauntlet.Load${path}`;

/**
 * Calls of gRPC. What a failed one is answered with is seen in its length only, and exactly only if all that were begun came to their end: so there are as many calls
 * as the last window says that fit into this one.
 */
function loadGrpc(window: LoadWindow, { program, signal }: DriverSurroundings): Promise<LoadResult> {
  const { isDirect, bytes, rate, seconds, connections, path } = window;
  const counted =
    rate === undefined ? {} : { requests: Math.max(connections, Math.ceil(rate * seconds)), answerBytes: grpcPrefixBytes + bytes };
  const headers = { 'content-type': isDirect ? bridgedContentType : 'application/grpc', te: 'trailers' };
  return loadWithH2load(
    program('h2load'),
    { ...window, path: grpcMethod(path), protocol: 'h2c', headers, body: grpcFrame(0), ...counted },
    signal,
  );
}

/** Where the programs of a session's tools are. */
export const programIn =
  (directories: Readonly<Record<string, string>>) =>
  (tool: string, name = tool): string =>
    join(directories[tool] ?? '', name);
