// SPDX-License-Identifier: Apache-2.0
import type { RunDocument } from '../../run/document.ts';
import type { PlannedCheck } from '../../run/events.ts';
import type { ChecksJob } from './job.ts';

type Executed = Pick<RunDocument, 'checks'>;

/**
 * The cells for which the machine was too busy, to be played once more, half as many at once: what they say then is about the gateway. Undefined where
 * there are none, or only one was played at a time.
 */
export function secondLook({ checks }: Executed, work: ChecksJob): ChecksJob | undefined {
  if (work.jobs === 1) return undefined;
  const tooBusy = new Set(
    checks
      .flatMap(({ executions }) => executions)
      .filter(({ verdict, reason }) => verdict === 'could-not-run' && reason?.startsWith('GAUNTLET_MACHINE') === true)
      .map(({ execution }) => execution),
  );
  const again = (check: PlannedCheck): PlannedCheck => ({
    ...check,
    executions: check.executions.filter(({ execution }) => tooBusy.has(execution)),
  });
  const plan = work.plan.map(again).filter(({ executions }) => executions.length > 0);
  return plan.length === 0 ? undefined : { ...work, plan, jobs: Math.floor(work.jobs / 2), again: true };
}
