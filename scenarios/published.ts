// SPDX-License-Identifier: Apache-2.0

/** A number that somebody else published, and what of ours stands beside it. */
export interface PublishedNumber {
  /** Id of our scenario. */
  readonly scenario: string;
  /** Our cell and metric; several cells where ours are finer. */
  readonly cell: string;
  readonly metric: string;
  /** Theirs, in words, with who was measured. */
  readonly theirs: string;
  readonly source: Publication['id'];
  /** Why the two are not the same quantity, beside the machine; absent if they are. */
  readonly differs?: string;
}

/** Where numbers were published. */
export interface Publication {
  readonly id: 'gateway-api-bench-1' | 'gateway-api-bench-2' | 'agentgateway-benchmarks';
  readonly title: string;
  readonly url: string;
  /** What it was measured on. */
  readonly setUp: string;
}

/** By their own texts, read on 2026-11-22. */
export const publications: readonly Publication[] = [
  {
    id: 'gateway-api-bench-1',
    title: 'gateway-api-bench, part 1',
    url: 'https://github.com/howardjohn/gateway-api-bench',
    setUp: 'kind on a desktop with 16 cores, all of them the proxy’s if it wants them; gateways one after the other',
  },
  {
    id: 'gateway-api-bench-2',
    title: 'gateway-api-bench, part 2',
    url: 'https://github.com/howardjohn/gateway-api-bench',
    setUp: 'the same machine; a question each 5 ms, from the end of the write to the first 200',
  },
  {
    id: 'agentgateway-benchmarks',
    title: 'agentgateway/benchmarks',
    url: 'https://github.com/agentgateway/benchmarks',
    setUp: 'Fortio; the gateway on two virtual processors',
  },
];

const throughput = (cell: string, theirs: string): PublishedNumber => ({
  scenario: 'throughput-http1',
  cell,
  metric: 'requests',
  theirs,
  source: 'gateway-api-bench-1',
  differs: 'ours: one processor for the proxy, wrk; theirs: sixteen, and the rate of all of them',
});

/** Numbers of others that ours can be read beside: for their order of magnitude, since no two machines are the same. */
export const publishedNumbers: readonly PublishedNumber[] = [
  throughput('1 connection, no body', 'kgateway 36,800/s, Envoy Gateway 34,500/s, Istio 29,100/s, nginx 1,700/s'),
  throughput('16 connections, no body', 'kgateway 170,000/s, Envoy Gateway 139,000/s, Istio 130,000/s, nginx 34,000/s'),
  throughput('512 connections, no body', 'kgateway 401,000/s, Envoy Gateway 325,000/s, Istio 328,000/s, nginx 92,000/s'),
  {
    scenario: 'throughput-http1',
    cell: '32 connections, 1 KiB',
    metric: 'requests',
    theirs: 'agentgateway 22,600/s (without a gateway 58,100/s)',
    source: 'agentgateway-benchmarks',
  },
  {
    scenario: 'route-propagation',
    cell: 'slowest of 20',
    metric: 'first right answer',
    theirs: 'agentgateway 10 to 30 ms, Istio 120 to 300 ms, Envoy Gateway up to 600 ms, nginx up to 800 ms',
    source: 'gateway-api-bench-2',
    differs: 'ours begins before the write and asks each millisecond',
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
    metric: 'none served',
    theirs: 'kgateway 16 s, nginx 15 s, Traefik 16 s, Cilium 18 s, Istio 20 s, Envoy Gateway 45 s',
    source: 'gateway-api-bench-1',
    differs: 'theirs is when the status counts none, ours when none is answered any more',
  },
  {
    scenario: 'route-scale-5000',
    cell: '5000 routes',
    metric: 'all served',
    theirs: 'agentgateway 57.6 s, at 100 writes a second',
    source: 'agentgateway-benchmarks',
    differs: 'ours writes as fast as the API server takes it',
  },
];
