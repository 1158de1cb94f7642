// SPDX-License-Identifier: Apache-2.0
import type { Check, Sabotage } from '../../../harness/check/check.ts';
import type { Exchange, ProbeRequest } from '../../../harness/probe/exchange.ts';
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import type { TrafficPolicySpec } from '../../../fixtures/kgateway/generated/traffic-policy.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import type { EchoDescription, EchoProgram } from '../../../mocks/echo/behaviour.ts';
import type { Fault } from '../../../mocks/instance/fault.ts';
import type { Echo } from '../../../mocks/peers.ts';
import { Mismatch } from '../../../harness/check/expect.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

/** What a transformation changes, as the CRD has it. */
export type Transformation = NonNullable<TrafficPolicySpec['transformation']>;

/** One request and what has to come of it. */
export interface TransformationCase {
  /** Name of the expectation. */
  readonly name: string;
  readonly request: Omit<ProbeRequest, 'host'>;
  /** How the backend answers; by describing the request if absent. */
  readonly backend?: EchoProgram;
  /** What the gateway meets in place of the backend. */
  readonly fault?: Fault;
  /** Throws a Mismatch when it did not come. */
  readonly holds: (exchange: Exchange, echo: Echo) => Promise<void> | void;
}

/** A row of a table of transformations: one policy on one route, and what requests meet there. */
export interface TransformationRow {
  readonly id: string;
  readonly title: string;
  readonly priority?: 'P0' | 'P1';
  readonly transformation: Transformation;
  /** The first one has to fail without the policy. */
  readonly cases: readonly [TransformationCase, ...TransformationCase[]];
  /** Other policies under which a case has to fail, by the name of the sabotage. */
  readonly sabotages?: readonly (Sabotage & { readonly transformation: Transformation })[];
}

/** Makes a check of a row. */
export function transformationCheck(row: TransformationRow): Check {
  return defineCheck({
    id: row.id,
    title: row.title,
    feature: 'traffic.transformation',
    priority: row.priority ?? 'P1',
    specification: [
      kgatewaySource('docs/guides/transformation.md'),
      kgatewaySource('api/v1alpha1/kgateway/transformation_types.go'),
      kgatewaySource('internal/envoyinit/transformations/src/jinja.rs'),
    ],
    needs: ['rust-module'],
    requires: ['gateway', 'echo'],
    sabotages: [
      { name: subjectLeftOut, title: 'The policy is left out', breaks: row.cases[0].name },
      ...(row.sabotages ?? []).map(({ name, title, breaks }) => ({ name, title, breaks })),
    ],
    async run({ apply, expect, hostname, sabotaged, gateway, echo }) {
      const host = hostname();
      const other = row.sabotages?.find(({ name }) => sabotaged(name));
      const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
      await apply.subject(trafficPolicy('transformation', [route], { transformation: other?.transformation ?? row.transformation }));
      await apply(route);
      for (const { name, request, backend = {}, fault = 'none', holds } of row.cases) {
        await echo.program(backend);
        await echo.fault(fault);
        await expect.eventually(name, async () => holds(await gateway.send({ ...request, host }), echo));
      }
    },
  });
}

/** What the echo says of the request that it got, read out of its answer. */
export function described(exchange: Exchange): EchoDescription {
  try {
    return JSON.parse(exchange.response?.body ?? '') as EchoDescription;
  } catch {
    throw new Mismatch('an answer of the echo', exchange.response?.body ?? 'no answer', exchange);
  }
}
