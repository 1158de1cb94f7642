// SPDX-License-Identifier: Apache-2.0
import { randomInt } from 'node:crypto';
import { findTarget } from '../../../fixtures/targets/index.ts';
import { idOf, isTelling, selectCells } from '../../../suites/lifecycle/selection.ts';
import { allCells, cellChecks } from '../../../suites/lifecycle/table.ts';
import { GauntletError } from '../../errors.ts';
import type { PlannedCheck } from '../../run/events.ts';
import { plan, type Shard } from '../../run/plan.ts';
import { assertConsistent, type SessionOptions } from '../options.ts';
import { leftOf, readEarlierRun, type EarlierRun } from './earlier-run.ts';
import { plannedTarget } from './planned-target.ts';
import { runDirectory, runIds } from './runs.ts';
import { executeSession } from './session.ts';

/** Options of `gauntlet lifecycle`. */
export interface LifecycleOptions extends SessionOptions {
  readonly profile: 'full' | 'pr';
  readonly tries: number;
  /** `true`: the last one. */
  readonly resume?: string | true;
  readonly prove: boolean;
  readonly list: boolean;
  readonly shard?: Shard;
  readonly jobs: number;
  readonly seed?: number;
}

/**
 * Plans the cells of the lifecycle matrix, and lists or plays them.
 *
 * @returns the exit code.
 * @throws GauntletError `GAUNTLET_UNKNOWN_CHECK`, and `GAUNTLET_USAGE` for a run that cannot be gone on with.
 */
export async function executeLifecycleCommand(words: readonly string[], options: LifecycleOptions): Promise<number> {
  assertConsistent(options);
  if (options.list) {
    process.stdout.write(`${listing(words)}\n`);
    return 0;
  }
  const earlier = options.resume === undefined ? undefined : earlierRun(words, options);
  const seed = earlier?.seed ?? options.seed ?? randomInt(2 ** 31);
  const whole = earlier?.plan ?? (await planOf(words, options, seed));
  const left = earlier === undefined ? whole : leftOf(whole, earlier);
  if (left.length === 0) {
    throw new GauntletError(
      'GAUNTLET_USAGE',
      earlier === undefined ? 'The selection leaves no cell to play' : 'That run has no cell left to play',
      {
        hint: 'gauntlet lifecycle --list shows all cells.',
      },
    );
  }
  if (options.keep && left.reduce((sum, { executions }) => sum + executions.length, 0) > 1) {
    throw new GauntletError('GAUNTLET_USAGE', '--keep leaves everything as one cell left it, and the selection has several', {
      hint: 'Name one cell. gauntlet lifecycle --list shows all of them.',
    });
  }
  return executeSession({
    kind: 'lifecycle',
    options,
    jobs: options.jobs,
    seed,
    plan: whole,
    ...(earlier === undefined ? {} : { earlier }),
    work: { kind: 'checks', plan: left, jobs: options.jobs, prove: isProof(whole), registry: 'lifecycle' },
  });
}

async function planOf(words: readonly string[], options: LifecycleOptions, seed: number): Promise<readonly PlannedCheck[]> {
  const selected = new Set(
    selectCells(words)
      // Cells of the instrument are sabotages themselves.
      .filter(({ event }) => !options.prove || event.group !== 'instrument')
      .filter((cell) => options.profile === 'full' || isTelling(cell))
      .map(idOf),
  );
  return plan(
    cellChecks().filter(({ id }) => selected.has(id)),
    {
      kind: options.prove ? 'prove' : 'lifecycle',
      patterns: [],
      target: await plannedTarget(findTarget(options.target), options),
      seed,
      repeat: options.tries,
      ...(options.shard === undefined ? {} : { shard: options.shard }),
    },
  );
}

const isProof = (all: readonly PlannedCheck[]): boolean =>
  all.some(({ executions }) => executions.some(({ sabotage }) => sabotage !== undefined));

function earlierRun(words: readonly string[], options: LifecycleOptions): EarlierRun {
  if (words.length > 0) {
    throw new GauntletError('GAUNTLET_USAGE', `A run that goes on plays the cells that are left, and ${words.join(' ')} selects others`, {
      hint: 'Leave out either --resume or the selection.',
    });
  }
  const named = options.resume === true ? lastLifecycleRun() : options.resume;
  const earlier = readEarlierRun(runDirectory(named));
  if (earlier.kind !== 'lifecycle') {
    throw new GauntletError('GAUNTLET_USAGE', `${named ?? 'That'} is no run of the lifecycle matrix`, {
      hint: 'gauntlet lifecycle --resume without a name goes on with the last one.',
    });
  }
  if (earlier.target === options.target) return earlier;
  throw new GauntletError('GAUNTLET_USAGE', `The run was of ${earlier.target}, and ${options.target} is asked for`, {
    hint: `Add --target ${earlier.target}, or leave --resume out.`,
  });
}

function lastLifecycleRun(): string {
  const id = runIds().findLast((one) => readEarlierRun(runDirectory(one)).kind === 'lifecycle');
  if (id !== undefined) return id;
  throw new GauntletError('GAUNTLET_USAGE', 'There is no run of the lifecycle matrix to go on with', { hint: 'Leave --resume out.' });
}

function listing(words: readonly string[]): string {
  const selected = new Set(selectCells(words).map(idOf));
  const cells = allCells().filter((cell) => words.length === 0 || selected.has(idOf(cell)));
  const lines = cells.map((cell) => `${idOf(cell)}${cell.cannot === undefined ? '' : `  [cannot exist] ${cell.cannot}`}`);
  const possible = cells.filter(({ cannot }) => cannot === undefined).length;
  return [...lines, `${possible} cells, ${cells.length - possible} that cannot exist`].join('\n');
}
