// SPDX-License-Identifier: Apache-2.0
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { formatDuration } from '../../units.ts';
import { runsDirectory } from '../paths.ts';
import { newRunId } from '../session/run-id.ts';
import { runStep, type StepResult } from '../self-test/run-step.ts';
import { selfTestSteps } from '../self-test/steps.ts';

/** `gauntlet test`: Gauntlet's own tests, from the types to the real gateway. */
export function testCommand(): Command {
  return new Command('test')
    .description("Gauntlet's own tests: types, lint, units, then the real cluster, gateway and upstream suite")
    .option('--unit', 'only what needs no cluster and no root', false)
    .action(async (options: { readonly unit: boolean }) => {
      const directory = join(runsDirectory(), `test-${newRunId()}`);
      mkdirSync(directory, { recursive: true });
      const startedAt = Date.now();
      const results: StepResult[] = [];
      for (const step of selfTestSteps.filter(({ needsCluster }) => !options.unit || !needsCluster)) {
        results.push(await runStep(step, directory));
      }
      printResults(results, Date.now() - startedAt);
      if (results.some(({ exitCode, failed }) => exitCode !== 0 || failed > 0)) process.exitCode = 1;
    });
}

function printResults(results: readonly StepResult[], durationMs: number): void {
  process.stdout.write('\n');
  for (const { step, exitCode, passed, failed, skipped, durationMs: took } of results) {
    const mark = exitCode === 0 && failed === 0 ? 'ok  ' : 'FAIL';
    const counts = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
    process.stdout.write(`${mark}  ${step.title.padEnd(52)} ${counts.padEnd(30)} ${formatDuration({ ms: took })}\n`);
  }
  const sum = (count: (result: StepResult) => number): number => results.reduce((total, result) => total + count(result), 0);
  process.stdout.write(`in ${formatDuration({ ms: durationMs })}\n`);
  const skipped = sum((result) => result.skipped);
  process.stdout.write(
    `${sum((result) => result.passed)} passed, ${sum((result) => result.failed)} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
  );
}
