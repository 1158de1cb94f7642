// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { concerns } from './cell-watch.ts';

test.each([
  ['of this stage', '{"msg":"xds error","gateway_name":"stage","gateway_ns":"run-stage-1"}', true],
  ['of its other namespace', '{"namespace":"run-stage-1-abroad"}', true],
  ['of another stage', '{"namespace":"run-stage-12","name":"policy"}', false],
  ['of both', '{"namespace":"run-stage-2","error":"extension run-stage-1/policy not found"}', true],
  ['of no stage', '{"level":"error","msg":"leader election lost"}', true],
  ['of a proxy', '[2026-11-22 23:37:25.559][1][warning][config] gRPC config for RouteConfiguration rejected', true],
])('a line %s', (_, line, isShown) => {
  expect(concerns(line, 'run-stage-1')).toBe(isShown);
});
