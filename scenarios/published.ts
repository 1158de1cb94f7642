// SPDX-License-Identifier: Apache-2.0

/** A number that somebody else published, and what of ours stands beside it. */
export interface PublishedNumber {
  /** Id of our scenario. */
  readonly scenario: string;
  /** Our cell; absent where its name says how often something was done, and all of the scenario's are meant. */
  readonly cell?: string;
  readonly metric: string;
  /** Theirs, in words, with who was measured. */
  readonly theirs: string;
  readonly source: Publication['id'];
  /** Why the two are not the same quantity, beside the set-up; absent if they are. */
  readonly differs?: string;
}

/** Where numbers were published, and what they were measured on. */
export interface Publication {
  readonly id:
    'gateway-api-bench-1' | 'gateway-api-bench-2' | 'agentgateway-kubernetes' | 'agentgateway-standalone' | 'agentgateway-initial';
  readonly title: string;
  readonly url: string;
  readonly machine: string;
  readonly cluster: string;
  /** What was measured, with versions. */
  readonly versions: string;
  /** How the load was made. */
  readonly load: string;
}

/** By their own texts, read on 2026-11-22 and 23. */
export const publications: readonly Publication[] = [
  {
    id: 'gateway-api-bench-1',
    title: 'gateway-api-bench, part 1',
    url: 'https://github.com/howardjohn/gateway-api-bench/blob/main/README.md',
    machine: 'AMD 9950X, 16 cores, 96 GB, all of it for whoever needs it',
    cluster: 'kind, one node',
    versions: 'kgateway 2.0.1, Envoy Gateway 1.4.0, Istio 1.26.0, Cilium 1.17.2, nginx 1.6.2, Traefik (chart 35.3.0), Kong 3.9',
    load: 'closed loop of 10 or 30 s, gateways one after the other, nothing without a gateway',
  },
  {
    id: 'gateway-api-bench-2',
    title: 'gateway-api-bench, part 2',
    url: 'https://github.com/howardjohn/gateway-api-bench/blob/main/README-v2.md',
    machine: 'not said again',
    cluster: 'kind',
    versions: 'agentgateway, Envoy Gateway, Istio, nginx of September 2025',
    load: 'a question each 5 ms, from the end of the write to the first 200',
  },
  {
    id: 'agentgateway-kubernetes',
    title: 'agentgateway/benchmarks, 2026-10-05, Kubernetes',
    url: 'https://github.com/agentgateway/benchmarks/tree/main/cpu-comparison/2026-10-05-stable-comparison',
    machine: 'machines of their own for client, gateway, backend, controller and API server; 2 vCPU and 256 MiB for the gateway',
    cluster: 'K3s, five nodes',
    versions: 'agentgateway 1.6.0',
    load: 'Fortio, mean of three passes, and the same without the gateway',
  },
  {
    id: 'agentgateway-standalone',
    title: 'agentgateway/benchmarks, 2026-10-05, standalone',
    url: 'https://github.com/agentgateway/benchmarks/tree/main/cpu-comparison/2026-10-05-stable-comparison',
    machine: 'machines of their own for client, gateway and backend; 2 pinned vCPU and 2 GiB for the gateway',
    cluster: 'none',
    versions: 'agentgateway 1.6.0',
    load: 'Fortio, mean of three passes, and the same without the gateway',
  },
  {
    id: 'agentgateway-initial',
    title: 'agentgateway/benchmarks, 2026-10-01',
    url: 'https://github.com/agentgateway/benchmarks/tree/main/gateway-api/results/2026-10-01-initial',
    machine: 'one virtual machine',
    cluster: 'kind, one node',
    versions: 'agentgateway 1.5.0',
    load: 'the suite of gateway-api-bench, once',
  },
];

const ownCore = 'ours: one processor for the proxy, wrk; theirs: sixteen, and the rate of all of them';
const ownTeardown = 'theirs is when the status counts none, ours when none is answered any more';

/** A row for the rate and one for the latency of a cell. */
const saturated = (cell: string, rate: string, p99: string): readonly PublishedNumber[] =>
  [{ metric: 'requests', theirs: rate } as const, { metric: 'p99', theirs: p99 } as const].map((number) => ({
    scenario: 'throughput-http1',
    cell,
    ...number,
    source: 'gateway-api-bench-1',
    differs: ownCore,
  }));

/** A rate with the one that the same client made without the gateway: the share of one in the other is told for theirs and for ours. */
const besideDirect = (cell: string, rate: number, direct: number, rest: Pick<PublishedNumber, 'source' | 'differs'>): PublishedNumber => ({
  scenario: 'throughput-http1',
  cell,
  metric: 'requests',
  theirs: `agentgateway ${rate.toLocaleString('en-US')}/s, ${(rate / direct).toFixed(2)} of ${direct.toLocaleString('en-US')}/s without it`,
  ...rest,
});

const kubernetes = { source: 'agentgateway-kubernetes', differs: 'theirs crosses a network, and has two processors' } as const;

/** Numbers of others that ours can be read beside: for their order of magnitude, since no two machines are the same. */
export const publishedNumbers: readonly PublishedNumber[] = [
  ...saturated(
    '1 connection, no body',
    'kgateway 36,794/s, Envoy Gateway 34,491/s, Istio 29,080/s, nginx 1,729/s',
    'kgateway 0.043 ms, Envoy Gateway 0.045 ms, Istio 0.054 ms, nginx 2.00 ms',
  ),
  besideDirect('1 connection, no body', 573, 5656, kubernetes),
  ...saturated(
    '16 connections, no body',
    'kgateway 170,469/s, Envoy Gateway 138,551/s, Istio 130,208/s, nginx 33,641/s',
    'kgateway 0.227 ms, Envoy Gateway 0.257 ms, Istio 0.264 ms, nginx 3.22 ms',
  ),
  besideDirect('16 connections, no body', 9476, 61_518, kubernetes),
  ...saturated(
    '512 connections, no body',
    'kgateway 400,687/s, Envoy Gateway 325,149/s, Istio 328,169/s, nginx 91,580/s',
    'kgateway 3.58 ms, Envoy Gateway 4.22 ms, Istio 3.79 ms, nginx 25.0 ms',
  ),
  besideDirect('512 connections, no body', 24_892, 112_367, kubernetes),
  besideDirect('32 connections, 1 KiB', 22_646, 58_129, {
    source: 'agentgateway-standalone',
    differs: 'theirs posts a prompt of 1 KiB, ours gets 1 KiB',
  }),
  besideDirect('1 connection, 16 KiB', 535, 4306, kubernetes),
  besideDirect('16 connections, 16 KiB', 8514, 34_838, kubernetes),
  besideDirect('512 connections, 16 KiB', 16_196, 42_731, kubernetes),
  {
    scenario: 'route-propagation',
    cell: 'slowest of 20',
    metric: 'first right answer',
    theirs: 'agentgateway 10 to 30 ms, Istio 120 to 300 ms, Envoy Gateway up to 600 ms, nginx up to 800 ms, over 3,000 routes',
    source: 'gateway-api-bench-2',
    differs: 'theirs are new routes, timed from the end of the write; ours begins before the write of a change and asks each millisecond',
  },
  {
    scenario: 'route-propagation',
    cell: 'slowest of 20',
    metric: 'first right answer',
    theirs: 'agentgateway 23.4 ms, slowest of 1,000 new routes',
    source: 'agentgateway-initial',
    differs: 'the same',
  },
  {
    scenario: 'route-propagation',
    cell: 'slowest of 20',
    metric: 'right from then on',
    theirs: 'not published: all end with the first right answer',
    source: 'gateway-api-bench-2',
  },
  {
    scenario: 'route-scale-1000',
    cell: '1000 routes',
    metric: 'all attached',
    theirs: 'Cilium 1 s, Istio 2 s, kgateway 12 s, Envoy Gateway 23 s, nginx 29 s, Traefik 180 s',
    source: 'gateway-api-bench-1',
    differs: 'theirs begins after the last write, ours before the first',
  },
  {
    scenario: 'route-scale-1000',
    cell: '1000 routes',
    metric: 'all attached',
    theirs: 'agentgateway 8.60 s, from the first write',
    source: 'agentgateway-initial',
  },
  {
    scenario: 'route-scale-1000',
    cell: '1000 routes',
    metric: 'all served',
    theirs: 'agentgateway 12.1 s, at 100 writes a second',
    source: 'agentgateway-kubernetes',
    differs: 'ours writes as fast as the API server takes it, and each route has an answer of its own',
  },
  {
    scenario: 'route-scale-1000',
    cell: '1000 routes',
    metric: 'none served',
    theirs: 'kgateway 16 s, nginx 15 s, Traefik 16 s, Cilium 18 s, Istio 20 s, Envoy Gateway 45 s',
    source: 'gateway-api-bench-1',
    differs: ownTeardown,
  },
  {
    scenario: 'route-scale-1000',
    cell: '1000 routes',
    metric: 'none served',
    theirs: 'agentgateway 7.95 s',
    source: 'agentgateway-initial',
    differs: ownTeardown,
  },
  {
    scenario: 'route-scale-5000',
    cell: '5000 routes',
    metric: 'all served',
    theirs: 'agentgateway 57.6 s, at 100 writes a second',
    source: 'agentgateway-kubernetes',
    differs: 'ours writes as fast as the API server takes it, and each route has an answer of its own',
  },
  {
    scenario: 'route-scale-5000',
    cell: '5000 routes',
    metric: 'memory of the proxy',
    theirs: 'agentgateway from 4 to 40 MB, the others from 60 to 90 MB to 1 to 2 GB',
    source: 'gateway-api-bench-2',
    differs: 'ours is what it grew by; theirs has as many backends as routes, which come and go',
  },
  {
    scenario: 'zero-downtime-route-change',
    metric: 'failed',
    theirs: 'kgateway, Istio, Traefik, Kong none; Envoy Gateway, Cilium, nginx some',
    source: 'gateway-api-bench-1',
    differs: 'theirs asks one after the other through 20 changes, and does not say how often',
  },
  {
    scenario: 'zero-downtime-controller-restart',
    metric: 'failed',
    theirs: 'agentgateway 0 of 764',
    source: 'agentgateway-kubernetes',
    differs: 'theirs asks ten times a second over kept connections, and rolls two controllers',
  },
];
