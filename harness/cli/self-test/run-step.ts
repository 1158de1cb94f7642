// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunDocument } from '../../run/document.ts';
import { repositoryRoot } from '../paths.ts';
import type { SelfTestStep } from './steps.ts';

/** What came of a step. A step whose program failed without a countable result counts as one failed test. */
export interface StepResult {
  readonly step: SelfTestStep;
  readonly exitCode: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly durationMs: number;
}

type Counts = Pick<StepResult, 'passed' | 'failed' | 'skipped'>;

const nodeFlags = ['--disable-warning=ExperimentalWarning'];

/** Runs one step with its output passed through; its files go to a folder of its own below `directory`. */
export async function runStep(step: SelfTestStep, directory: string): Promise<StepResult> {
  const out = join(directory, step.name);
  mkdirSync(out, { recursive: true });
  process.stdout.write(`\n── ${step.title}\n`);
  const startedAt = Date.now();
  const exitCode = await new Promise<number>((resolve, reject) => {
    const child = spawn(process.execPath, argumentsOf(step, out), {
      cwd: repositoryRoot,
      env: { ...process.env, GAUNTLET_OUT: out, ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }) },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 4));
  });
  return { step, exitCode, ...countsOf(step, out, exitCode), durationMs: Date.now() - startedAt };
}

function argumentsOf(step: SelfTestStep, out: string): readonly string[] {
  switch (step.counts) {
    case 'single': {
      const [program = '', ...rest] = step.args;
      return [join(repositoryRoot, 'node_modules', program), ...rest];
    }
    case 'vitest': {
      const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${join(out, 'vitest.json')}`];
      return [...nodeFlags, join(repositoryRoot, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...reporters, ...step.args];
    }
    case 'run':
      return [...nodeFlags, join(repositoryRoot, 'harness', 'cli', 'main.ts'), ...step.args];
  }
}

function countsOf(step: SelfTestStep, out: string, exitCode: number): Counts {
  const ended: Counts = exitCode === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
  try {
    const counts = step.counts === 'vitest' ? vitestCounts(out) : step.counts === 'run' ? runCounts(out) : ended;
    return counts.failed === 0 && exitCode !== 0 ? { ...counts, failed: 1 } : counts;
  } catch {
    // The program ended before it wrote a result.
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function vitestCounts(out: string): Counts {
  const report = JSON.parse(readFileSync(join(out, 'vitest.json'), 'utf8')) as Record<
    'numPassedTests' | 'numFailedTests' | 'numPendingTests',
    number
  >;
  return { passed: report.numPassedTests, failed: report.numFailedTests, skipped: report.numPendingTests };
}

function runCounts(out: string): Counts {
  const [run = ''] = readdirSync(out);
  const document = JSON.parse(readFileSync(join(out, run, 'document.json'), 'utf8')) as RunDocument;
  return countDocument(document);
}

/** The results of a run as tests: executions of checks, proofs, tests of the upstream suite. What was to run and could not counts as failed. */
export function countDocument(document: RunDocument): Counts {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { executions } of document.checks) {
    if (executions.length === 0) counts.skipped += 1;
    for (const { proof, verdict: outcome } of executions) {
      const passed = proof === undefined ? outcome === 'pass' || outcome === 'known-gap' || outcome === 'warn' : proof === 'proven';
      counts[passed ? 'passed' : 'failed'] += 1;
    }
  }
  for (const { result } of document.conformance?.tests ?? []) counts[result] += 1;
  return counts;
}
