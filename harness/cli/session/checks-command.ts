// SPDX-License-Identifier: Apache-2.0
import { randomInt } from 'node:crypto';
import { features } from '../../../suites/features.ts';
import { findTarget } from '../../../fixtures/targets/index.ts';
import { baselineFor, readBaseline } from '../../check/baseline.ts';
import { lackingExtras } from '../../../mocks/extras.ts';
import { discoverChecks } from '../../check/registry.ts';
import { GauntletError } from '../../errors.ts';
import type { PlannedCheck } from '../../run/events.ts';
import { plan, type Shard } from '../../run/plan.ts';
import { assertConsistent, type SessionOptions } from '../options.ts';
import { suitesDirectory } from '../paths.ts';
import { baselineFile } from './baseline-file.ts';
import { plannedTarget } from './planned-target.ts';
import { lastRun } from './runs.ts';
import { executeSession } from './session.ts';

/** Options of `gauntlet run` and `gauntlet prove`. */
export interface ChecksOptions extends SessionOptions {
  readonly priority?: string;
  readonly list: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly shard?: Shard;
  readonly jobs: number;
  readonly seed?: number;
  /** `true` is 1. */
  readonly bail?: number | true;
  readonly repeat?: number;
  readonly lastFailed?: boolean;
}

/**
 * Plans the checks, and lists, prints or executes the plan.
 *
 * @returns the exit code.
 */
export async function executeChecksCommand(kind: 'run' | 'prove', patterns: readonly string[], options: ChecksOptions): Promise<number> {
  assertConsistent(options);
  const planned = await planOf(kind, patterns, options);
  if (options.list || options.dryRun) {
    const text = options.json ? JSON.stringify(planned, undefined, 2) : options.list ? listing(planned) : dryRun(planned, options);
    process.stdout.write(`${text}\n`);
    return 0;
  }
  assertNotEmpty(planned.checks);
  const bail = options.bail === true ? 1 : options.bail;
  return executeSession({
    kind,
    options,
    jobs: options.jobs,
    seed: planned.seed,
    plan: planned.checks,
    work: {
      kind: 'checks',
      plan: planned.checks,
      jobs: options.jobs,
      prove: kind === 'prove',
      registry: 'suites',
      ...(bail === undefined ? {} : { bail }),
    },
  });
}

interface Planned {
  readonly seed: number;
  readonly checks: readonly PlannedCheck[];
}

async function planOf(kind: 'run' | 'prove', patterns: readonly string[], options: ChecksOptions): Promise<Planned> {
  const target = findTarget(options.target);
  const seed = options.seed ?? randomInt(2 ** 31);
  const asPlanned = await plannedTarget(target, options);
  const checks = await discoverChecks(suitesDirectory, features);
  const baseline = baselineFor(await readBaseline(baselineFile, 'suites/baseline.yaml'), target, checks);
  return {
    seed,
    checks: plan(options.priority === undefined ? checks : checks.filter(({ priority }) => priority === options.priority), {
      kind,
      patterns,
      target: { ...asPlanned, lacking: { ...asPlanned.lacking, ...lackingExtras(options.with) } },
      seed,
      knownGaps: new Map([...baseline].map(([id, { expectation }]) => [id, expectation])),
      ...(options.shard === undefined ? {} : { shard: options.shard }),
      ...(options.repeat === undefined ? {} : { repeat: options.repeat }),
      ...(options.lastFailed === true ? { lastFailed: lastRun() } : {}),
    }),
  };
}

function listing({ checks }: Planned): string {
  const rows = checks.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const width = Math.max(0, ...rows.map(({ id }) => id.length));
  return [
    ...rows.map(
      ({ id, priority, title, skipped }) => `${id.padEnd(width)}  ${priority}  ${skipped ? `[${skipped.verdict}] ` : ''}${title}`,
    ),
    `${rows.length} checks`,
  ].join('\n');
}

function dryRun({ checks, seed }: Planned, options: ChecksOptions): string {
  const executions = checks.flatMap((check) => check.executions.map(({ execution }) => `  ${execution}${check.serial ? '  (alone)' : ''}`));
  return [
    `target ${options.target}, ${options.jobs} at once, seed ${seed}`,
    ...executions,
    `${executions.length} executions of ${checks.length} checks`,
  ].join('\n');
}

/** Refuses a plan that is empty before a cluster is started for it. */
function assertNotEmpty(checks: readonly PlannedCheck[]): void {
  if (checks.length > 0) return;
  throw new GauntletError('GAUNTLET_USAGE', 'The selection leaves no check to run', { hint: 'gauntlet run --list shows all checks.' });
}
