// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { GauntletError, messageOf } from '../harness/errors.ts';

/** A scenario whose load several runners can make at once, on a cluster that exists. */
export interface DistributedScenario {
  /** The scenario's own. */
  readonly id: string;
  /** What each runner runs, from this folder; writes a report that `readRunnerReport` reads. */
  readonly script: string;
}

/** Scenarios that `gauntlet load render` renders. */
export const distributedScenarios: readonly DistributedScenario[] = [{ id: 'latency-fixed-rate', script: 'latency/fixed-rate-part.k6.ts' }];

/**
 * A script of k6 as one file of JavaScript, which every k6 runs and a ConfigMap can hold: the same sources give the same bytes.
 *
 * @throws GauntletError `GAUNTLET_LOAD` if it does not bundle.
 */
export async function bundleScript({ script }: DistributedScenario): Promise<string> {
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  try {
    const built = await rolldown({ cwd, input: `./${script}`, platform: 'neutral', external: /^k6(\/|$)/, logLevel: 'silent' });
    const { output } = await built.generate({ format: 'esm', codeSplitting: false, minify: false, sourcemap: false, comments: false });
    await built.close();
    return output[0].code;
  } catch (error) {
    throw new GauntletError('GAUNTLET_LOAD', `The script ${script} could not be bundled: ${messageOf(error)}`, {
      hint: 'Run `npm run types` to see what is wrong in scenarios/.',
      cause: error,
    });
  }
}
