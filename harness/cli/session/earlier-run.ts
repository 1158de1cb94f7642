// SPDX-License-Identifier: Apache-2.0
import { cpSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PlannedCheck, RunEvent, RunStarted } from '../../run/events.ts';
import { readJournal } from '../../run/journal.ts';

/** What an earlier run has to say to one that goes on with it. */
export interface EarlierRun {
  /** Its folder. */
  readonly directory: string;
  readonly kind: RunStarted['kind'] | undefined;
  readonly plan: readonly PlannedCheck[];
  readonly seed: number;
  readonly target: string;
  /** Everything about the executions that came to a verdict on the gateway. */
  readonly events: readonly RunEvent[];
  /** Those executions. */
  readonly done: ReadonlySet<string>;
}

/**
 * Reads what an earlier run left, however it ended.
 *
 * @throws GauntletError `GAUNTLET_CONFIG_INVALID` for a journal that is none.
 */
export function readEarlierRun(directory: string): EarlierRun {
  const { events } = readJournal(directory);
  const done = new Set<string>();
  for (const event of events) if (event.type === 'check-ended' && event.verdict !== 'could-not-run') done.add(event.execution);
  const [start] = events;
  const started = start?.type === 'run-started' ? start : undefined;
  return {
    directory,
    kind: started?.kind,
    plan: started?.plan ?? [],
    seed: started?.seed ?? 0,
    target: started === undefined ? '' : `${started.target.name}@${started.target.version}`,
    events: events.filter((event) => 'execution' in event && done.has(event.execution)),
    done,
  };
}

/** The plan without what is done already. */
export function leftOf(plan: readonly PlannedCheck[], { done }: EarlierRun): readonly PlannedCheck[] {
  return plan
    .map((check) => ({ ...check, executions: check.executions.filter(({ execution }) => !done.has(execution)) }))
    .filter(({ executions }) => executions.length > 0);
}

/** Brings the evidence of an earlier run into the folder of the one that goes on with it. */
export function copyEvidence({ directory, events }: EarlierRun, into: string): void {
  const folders = new Set(events.flatMap((event) => (event.type === 'evidence' ? [dirname(event.file)] : [])));
  for (const folder of folders) {
    if (existsSync(join(directory, folder))) cpSync(join(directory, folder), join(into, folder), { recursive: true });
  }
}
