// SPDX-License-Identifier: Apache-2.0
import type { CheckResult, RunDocument } from '../../harness/run/document.ts';
import { cellOf } from '../lifecycle/cells.ts';

/** What a check came to in each of some runs, in their order; undefined where it did not come to a verdict on the gateway, or was not asked. */
export interface ComparedCheck {
  readonly id: string;
  readonly outcomes: readonly (string | undefined)[];
}

/** Some runs of the same side by side. */
export interface Comparison {
  readonly runs: readonly string[];
  /** Checks that came to the same in every run that knows of them, two at least. */
  readonly same: readonly ComparedCheck[];
  /** Checks that came to something else in one of the runs. */
  readonly different: readonly ComparedCheck[];
  /** Checks of which fewer than two runs know. */
  readonly unknown: readonly ComparedCheck[];
}

/** Compares what each check came to, or each cell of the lifecycle matrix: its verdict, not how long a leak lasted. */
export function compareRuns(documents: readonly RunDocument[]): Comparison {
  const byRun = documents.map(({ checks }) => new Map(checks.map((check) => [check.id, outcomeOf(check)])));
  const ids = [...new Set(byRun.flatMap((outcomes) => [...outcomes.keys()]))].sort();
  const compared = ids.map((id) => ({ id, outcomes: byRun.map((outcomes) => outcomes.get(id)) }));
  const known = ({ outcomes }: ComparedCheck) => outcomes.filter((outcome) => outcome !== undefined);
  const isSame = (check: ComparedCheck): boolean => new Set(known(check)).size === 1;
  const enough = compared.filter((check) => known(check).length >= 2);
  return {
    runs: documents.map(({ run }) => run.runId),
    same: enough.filter(isSame),
    different: enough.filter((check) => !isSame(check)),
    unknown: compared.filter((check) => known(check).length < 2),
  };
}

function outcomeOf(check: CheckResult): string | undefined {
  const { worst } = cellOf(check);
  if (worst !== undefined) return worst.verdict;
  return check.verdict === 'could-not-run' || check.verdict === 'not-applicable' ? undefined : check.verdict;
}
