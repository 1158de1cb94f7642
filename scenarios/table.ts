// SPDX-License-Identifier: Apache-2.0
import type { RegisteredCheck } from '../harness/check/check.ts';
import { gateScenario, type Contest } from './gate/gate-scenario.ts';
import { gateLoads } from './gate/loads.ts';

/** The gate's scenarios as checks. */
export function gateChecks(contest: Contest = {}): readonly RegisteredCheck[] {
  return gateLoads.map((load) => ({ ...gateScenario(load, contest), file: 'scenarios/gate/loads.ts' }));
}
