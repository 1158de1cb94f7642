// SPDX-License-Identifier: Apache-2.0
import type { CellResult, CellVerdict } from '../../harness/lifecycle/cell-result.ts';
import type { CheckResult, ExecutionResult, RunDocument } from '../../harness/run/document.ts';
import type { Mark } from '../format.ts';
import { plainExecutions } from '../outcome.ts';

/** Every verdict of a cell as it is written, the worst first. */
export const cellMarks: Readonly<Record<CellVerdict, Mark>> = {
  open: { symbol: '✗', label: 'OPEN' },
  leaked: { symbol: '✗', label: 'leaked' },
  outage: { symbol: '!', label: 'outage' },
  held: { symbol: '✓', label: 'held' },
};

const worstFirst = Object.keys(cellMarks) as readonly CellVerdict[];

/** One cell of the lifecycle matrix with everything that came of it. */
export interface Cell {
  readonly check: CheckResult;
  readonly policy: string;
  readonly event: string;
  readonly level: string;
  /** What the event happens to; absent where no try came to a result. */
  readonly group?: string;
  /** The event in words. */
  readonly happens: string;
  /** The tries that came to a result, in order. */
  readonly results: readonly CellResult[];
  /** Number of tries that were planned. */
  readonly tries: number;
  /** What the worst of the tries came to; absent if none came to a result. */
  readonly worst?: CellResult;
}

/** The cells of a run, in the order of the plan; none of a run that is not about them. */
export function cellsOf(document: RunDocument): readonly Cell[] {
  return document.run.kind === 'lifecycle' ? document.checks.map(cellOf) : [];
}

/** A check of a lifecycle run as a cell. */
export function cellOf(check: CheckResult): Cell {
  // A cell that could not be played has an id, and no address.
  const [policy = check.id, event = '', level = ''] = check.id.split('.');
  const tries = plainExecutions(check);
  const results = tries.flatMap(({ cell }) => cell?.result ?? []);
  const [worst] = results.toSorted(byBadness);
  const group = tries.find(({ cell }) => cell?.address.group !== undefined)?.cell?.address.group;
  const happens = check.title.split(' holds: ')[1] ?? check.title;
  return {
    check,
    policy,
    event,
    level,
    happens,
    results,
    tries: tries.length,
    ...(group === undefined ? {} : { group }),
    ...(worst === undefined ? {} : { worst }),
  };
}

/** Whether a check is one of the lifecycle matrix, and some try of it came to a result. */
export function worstTry(check: CheckResult): { readonly execution: ExecutionResult; readonly result: CellResult } | undefined {
  return plainExecutions(check)
    .flatMap((execution) => (execution.cell === undefined ? [] : [{ execution, result: execution.cell.result }]))
    .toSorted((a, b) => byBadness(a.result, b.result))[0];
}

/** The worst first: by verdict, then by how long it lasted. */
export function byBadness(a: CellResult, b: CellResult): number {
  return worstFirst.indexOf(a.verdict) - worstFirst.indexOf(b.verdict) || spanMs(b) - spanMs(a);
}

/** Cells of which something is known, the worst first; then the others. */
export function worstCells(cells: readonly Cell[]): readonly Cell[] {
  return cells.toSorted((a, b) => {
    if (a.worst === undefined || b.worst === undefined) return Number(a.worst === undefined) - Number(b.worst === undefined);
    return byBadness(a.worst, b.worst);
  });
}

/** How long what decided the verdict lasted, all its spells together; 0 for single requests, and for a cell that held. */
export function spanMs({ leak, outage }: CellResult): number {
  return ((leak ?? outage)?.spells ?? []).reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
}

/** How many of a cell's tries came to a verdict. */
export function triesWith({ results }: Cell, verdict: CellVerdict): number {
  return results.filter((result) => result.verdict === verdict).length;
}

/** How many cells came to each verdict, the worst first, and how many to none. */
export function cellCounts(cells: readonly Cell[]): {
  readonly verdicts: readonly (readonly [CellVerdict, number])[];
  readonly none: number;
} {
  const verdicts = worstFirst.map((verdict) => [verdict, cells.filter(({ worst }) => worst?.verdict === verdict).length] as const);
  return { verdicts: verdicts.filter(([, count]) => count > 0), none: cells.filter(({ worst }) => worst === undefined).length };
}

/** From the widest to the narrowest; what is not named here comes last. */
export const knownLevels = ['gateway', 'listener', 'route', 'rule', 'backendRef', 'delegated-child'];

/** The levels of some cells, from the widest to the narrowest. */
export function levelsOf(cells: readonly Cell[]): readonly string[] {
  const rank = (level: string): number => (knownLevels.includes(level) ? knownLevels.indexOf(level) : knownLevels.length);
  return [...new Set(cells.map(({ level }) => level))].toSorted((a, b) => rank(a) - rank(b));
}

/** Cells by one of their coordinates, in alphabetical order. */
export function cellsBy(cells: readonly Cell[], coordinate: 'policy' | 'event'): readonly (readonly [string, readonly Cell[]])[] {
  const groups = Map.groupBy(cells, (cell) => cell[coordinate]);
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Known groups of events, from what is nearest to the policy to what is furthest; others come after them in alphabetical order. */
export const knownGroups = ['policy', 'peer', 'reference', 'neighbour', 'machinery', 'instrument'];

/** Cells by what their event happens to. One of which that is not known stands with the others of its event; the last group has no name. */
export function cellsByGroup(cells: readonly Cell[]): readonly (readonly [string | undefined, readonly Cell[]])[] {
  const known = new Map(cells.flatMap(({ event, group }) => (group === undefined ? [] : [[event, group] as const])));
  const groups = Map.groupBy(cells, ({ event }) => known.get(event));
  const rank = (group: string | undefined): string =>
    group === undefined ? '~' : `${knownGroups.includes(group) ? knownGroups.indexOf(group) : knownGroups.length}${group}`;
  return [...groups].toSorted(([a], [b]) => (rank(a) < rank(b) ? -1 : 1));
}
