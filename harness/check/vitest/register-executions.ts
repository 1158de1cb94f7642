// SPDX-License-Identifier: Apache-2.0
import { afterAll, describe, test } from 'vitest';
import { asGauntletError, GauntletError } from '../../errors.ts';
import type { PlannedCheck, PlannedExecution, RunEvent } from '../../run/events.ts';
import type { Check } from '../check.ts';
import type { Engine } from '../engine.ts';
import type { Outcome } from '../outcome.ts';
import { openResources, resourcesLeft } from './open-resources.ts';

/** What the entry file hands over. */
export interface Executions {
  readonly engine: Engine;
  /** The registry. */
  readonly checks: readonly Check[];
  readonly plan: readonly PlannedCheck[];
  /** Ends the session and closes what the entry opened, after the last execution. */
  readonly end: () => Promise<void>;
  readonly emit: (event: RunEvent) => void;
}

/**
 * Makes a test of each planned execution; called by the entry file that {@link runWithVitest} runs. Executions without a sabotage come first,
 * so that those with one know how long things take; after all others come serial checks, alone or with those of their name.
 *
 * @throws GauntletError `GAUNTLET_INTERNAL` for a plan that the registry does not fit.
 */
export function registerExecutions({ engine, checks, plan, end, emit }: Executions): void {
  const before = openResources();
  const byId = new Map(checks.map((check) => [check.id, check]));
  const executions = plan
    .flatMap(({ id, executions: planned }) => planned.map((one) => ({ check: known(byId, id), planned: one })))
    .sort((a, b) => Number(a.planned.sabotage !== undefined) - Number(b.planned.sabotage !== undefined));
  const add = ({ check, planned }: (typeof executions)[number]): void =>
    test(planned.execution, { concurrent: !check.serial || check.togetherWith !== undefined }, async ({ signal }) => {
      rejectBad(planned, await executed(() => engine.execute(check, planned, signal), emit));
    });

  const groups = Map.groupBy(executions, ({ check }) => check.togetherWith);
  const others = groups.get(undefined) ?? [];
  others.toSorted((a, b) => Number(a.check.serial) - Number(b.check.serial)).forEach(add);
  for (const [name, group] of groups) if (name !== undefined) describe(name, () => group.forEach(add));
  // A file without a test is an error to vitest, and a plan of which nothing applies is none.
  if (executions.length === 0) test('nothing to execute', () => undefined);

  afterAll(async () => {
    await end();
    const left = await resourcesLeft(before);
    if (Object.keys(left).length > 0) emit({ type: 'environment', at: Date.now(), sections: { 'left open': left } });
  });
}

/** What the engine itself throws is a defect of it, and must not end as a check that silently never came. */
async function executed(execute: () => Promise<Outcome>, emit: (event: RunEvent) => void): Promise<Outcome> {
  try {
    return await execute();
  } catch (error) {
    const { code, message, hint } = asGauntletError(error);
    emit({ type: 'harness-failed', at: Date.now(), code, message, hint });
    throw error;
  }
}

function known(byId: ReadonlyMap<string, Check>, id: string): Check {
  const check = byId.get(id);
  if (check) return check;
  throw new GauntletError('GAUNTLET_INTERNAL', `The plan holds ${id}, and there is no such check`, {
    hint: 'The suites changed during the run; start it again.',
  });
}

/** The event has said it all; to vitest it only matters that this one counts for bail. */
function rejectBad({ execution }: PlannedExecution, { verdict, reason }: Outcome): void {
  if (verdict === 'fail' || verdict === 'could-not-run')
    throw new Error(`${execution}: ${verdict}${reason === undefined ? '' : `: ${reason}`}`);
}
