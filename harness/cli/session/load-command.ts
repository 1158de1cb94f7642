// SPDX-License-Identifier: Apache-2.0
import { randomInt } from 'node:crypto';
import { findTarget } from '../../../fixtures/targets/index.ts';
import { loadChecks } from '../../../scenarios/table.ts';
import { baselineFor, readBaseline } from '../../check/baseline.ts';
import { plan } from '../../run/plan.ts';
import { milliseconds, minutes } from '../../units.ts';
import type { SessionOptions } from '../options.ts';
import { loadBaselineFile } from './baseline-file.ts';
import { plannedTarget } from './planned-target.ts';
import { executeSession } from './session.ts';

/** Options of `gauntlet load`. */
export interface LoadOptions extends SessionOptions {
  readonly prove: boolean;
  readonly list: boolean;
  readonly seed?: number;
}

/** The longest scenario takes some minutes on a fast machine. */
const scenarioBudget = minutes(20);

/**
 * Plans the scenarios, and lists or runs them.
 *
 * @returns the exit code.
 * @throws GauntletError `GAUNTLET_UNKNOWN_CHECK`.
 */
export async function executeLoadCommand(scenarios: readonly string[], options: LoadOptions): Promise<number> {
  if (options.list) {
    process.stdout.write(`${loadChecks.map(({ id, title }) => `${id}  ${title}`).join('\n')}\n`);
    return 0;
  }
  const target = findTarget(options.target);
  const seed = options.seed ?? randomInt(2 ** 31);
  const baseline = baselineFor(await readBaseline(loadBaselineFile, 'scenarios/baseline.yaml'), target, loadChecks);
  const whole = plan(loadChecks, {
    kind: options.prove ? 'prove' : 'load',
    patterns: scenarios,
    target: await plannedTarget(target, options),
    seed,
    repeat: 1,
    knownGaps: new Map([...baseline].map(([id, { expectation }]) => [id, expectation])),
  });
  return executeSession({
    kind: 'load',
    options: { ...options, budget: { check: milliseconds(scenarioBudget.ms + (options.budget.soak?.ms ?? 0)), ...options.budget } },
    jobs: 1,
    seed,
    plan: whole,
    work: { kind: 'checks', plan: whole, jobs: 1, prove: options.prove, registry: 'load' },
  });
}
