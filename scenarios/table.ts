// SPDX-License-Identifier: Apache-2.0
import type { Check, RegisteredCheck } from '../harness/check/check.ts';
import driverComparison from './drivers/driver-comparison.ts';
import { disturbances } from './downtime/disturbances.ts';
import { zeroDowntime } from './downtime/zero-downtime.ts';
import { backendFailover } from './failover/backend-failover.ts';
import { sicknesses } from './failover/sicknesses.ts';
import { gateScenario, type Contest } from './gate/gate-scenario.ts';
import { gateLoads } from './gate/loads.ts';
import { handshakeKinds } from './handshakes/kinds.ts';
import { tlsHandshakes } from './handshakes/tls-handshakes.ts';
import latencyFixedRate from './latency/latency-fixed-rate.ts';
import policyOverhead from './policies/policy-overhead.ts';
import routePropagation from './routes/route-propagation.ts';
import { routeScale } from './routes/route-scale.ts';
import soak from './soak/soak.ts';
import { circumstances, coldStart } from './start/cold-start.ts';
import llmStreaming from './streaming/llm-streaming.ts';
import { protocols } from './throughput/protocols.ts';
import { throughput } from './throughput/throughput.ts';

const inFile =
  (file: string) =>
  (check: Check): RegisteredCheck => ({ ...check, file: `scenarios/${file}` });

/** The gate's scenarios as checks. */
export function gateChecks(contest: Contest = {}): readonly RegisteredCheck[] {
  return gateLoads.map((load) => gateScenario(load, contest)).map(inFile('gate/loads.ts'));
}

/** The scenarios that measure one gateway. */
export const loadChecks: readonly RegisteredCheck[] = [
  ...[driverComparison].map(inFile('drivers/driver-comparison.ts')),
  ...protocols.map(throughput).map(inFile('throughput/throughput.ts')),
  ...handshakeKinds.map(tlsHandshakes).map(inFile('handshakes/tls-handshakes.ts')),
  ...[latencyFixedRate].map(inFile('latency/latency-fixed-rate.ts')),
  ...[routePropagation].map(inFile('routes/route-propagation.ts')),
  ...[1000, 5000].map(routeScale).map(inFile('routes/route-scale.ts')),
  ...disturbances.map(zeroDowntime).map(inFile('downtime/zero-downtime.ts')),
  ...[policyOverhead].map(inFile('policies/policy-overhead.ts')),
  ...sicknesses.map(backendFailover).map(inFile('failover/backend-failover.ts')),
  ...[soak].map(inFile('soak/soak.ts')),
  ...[llmStreaming].map(inFile('streaming/llm-streaming.ts')),
  ...circumstances.map(coldStart).map(inFile('start/cold-start.ts')),
];
