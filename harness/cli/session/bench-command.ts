// SPDX-License-Identifier: Apache-2.0
import { randomInt } from 'node:crypto';
import { findTarget } from '../../../fixtures/targets/index.ts';
import { gateChecks } from '../../../scenarios/table.ts';
import { GauntletError } from '../../errors.ts';
import { hostArchitecture } from '../../platform.ts';
import { plan } from '../../run/plan.ts';
import type { ProxyBuild } from '../../target/target.ts';
import { readElf } from '../../toolchain/elf.ts';
import { minutes } from '../../units.ts';
import type { SessionOptions } from '../options.ts';
import { plannedTarget } from './planned-target.ts';
import { executeSession } from './session.ts';

/** Options of `gauntlet bench`. */
export interface BenchOptions extends SessionOptions {
  readonly baseline: string;
  readonly candidate: string;
  readonly prove: boolean;
  readonly repeat: number;
  readonly list: boolean;
  readonly seed?: number;
}

const released = 'release';

/** A gate plays for as long as its windows take. */
const gateBudget = minutes(20);

/**
 * Plans the gates, and lists or runs them.
 *
 * @returns the exit code.
 * @throws GauntletError `GAUNTLET_UNKNOWN_CHECK`, `GAUNTLET_USAGE`, and for builds what `resolveBuild` throws.
 */
export async function executeBenchCommand(loads: readonly string[], options: BenchOptions): Promise<number> {
  const checks = gateChecks();
  if (options.list) {
    process.stdout.write(`${checks.map(({ id, title }) => `${id}  ${title}`).join('\n')}\n`);
    return 0;
  }
  if (options.proxyBin !== undefined || options.proxyImage !== undefined) {
    throw new GauntletError(
      'GAUNTLET_USAGE',
      'bench compares two proxies, and --proxy-bin or --proxy-image does not say which of them is meant',
      {
        hint: 'Give it as --candidate, or as --baseline.',
      },
    );
  }
  if (options.arch !== hostArchitecture()) {
    throw new GauntletError(
      'GAUNTLET_USAGE',
      `A gate of ${options.arch} on a machine of ${hostArchitecture()} would compare what an emulator makes of two proxies`,
      {
        hint: `Leave --arch out, or run it on a machine of ${options.arch}.`,
      },
    );
  }
  const target = findTarget(options.target);
  const baseline = await proxyBuild(options.baseline);
  const proxy = {
    ...(baseline.proxyBinary === undefined ? {} : { proxyBin: baseline.proxyBinary }),
    ...(baseline.proxyImage === undefined ? {} : { proxyImage: baseline.proxyImage }),
  };
  const seed = options.seed ?? randomInt(2 ** 31);
  const whole = plan(checks, {
    kind: options.prove ? 'prove' : 'bench',
    patterns: loads,
    target: await plannedTarget(target, proxy),
    seed,
    repeat: options.repeat,
  });
  return executeSession({
    kind: 'bench',
    options: {
      ...options,
      ...proxy,
      budget: { check: gateBudget, ...options.budget },
    },
    jobs: 1,
    seed,
    plan: whole,
    work: { kind: 'checks', plan: whole, jobs: 1, prove: options.prove, registry: 'bench' },
    ...(options.candidate === options.baseline ? {} : { candidate: await proxyBuild(options.candidate) }),
  });
}

/** What `release` or a path means: an executable file is a binary, anything else an image. */
async function proxyBuild(text: string): Promise<ProxyBuild> {
  if (text === released) return {};
  const elf = await readElf(text).catch(() => undefined);
  return elf === undefined ? { proxyImage: text } : { proxyBinary: text };
}
