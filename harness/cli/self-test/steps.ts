// SPDX-License-Identifier: Apache-2.0
import { checkoutCommit } from '../package-version.ts';
import { commitSlice } from './commit-slice.ts';

/** One part of Gauntlet's own tests: a program, and how its results are counted. */
export interface SelfTestStep {
  /** Names its folder. */
  readonly name: string;
  readonly title: string;
  readonly needsCluster: boolean;
  /** `single`: one test, by exit code. `vitest`: its JSON report. `run`: the document of a run. */
  readonly counts: 'single' | 'vitest' | 'run';
  /** Arguments of the program: npm's `npx` tools for `single` and `vitest`, Gauntlet itself for `run`. */
  readonly args: readonly string[];
}

const commit = checkoutCommit();
const others = commitSlice(commit, 4);
const sabotages = commitSlice(commit, 24);

/** Openings of known size, which must be counted, and two events of which the gateway is known to make nothing. */
const lifecycleCells = ['quiet', 'opened-5ms', 'opened-50ms', 'opened-500ms', 'peer-lost', 'created-with-route'].map(
  (event) => `ext-auth-grpc.${event}.route`,
);

/** All parts, cheapest first. */
export const selfTestSteps: readonly SelfTestStep[] = [
  { name: 'types', title: 'Types', needsCluster: false, counts: 'single', args: ['typescript/bin/tsc', '--noEmit'] },
  {
    name: 'lint',
    title: 'Lint, with the layer rule',
    needsCluster: false,
    counts: 'single',
    args: ['eslint/bin/eslint.js', '.', '--max-warnings', '0'],
  },
  {
    name: 'format',
    title: 'Format',
    needsCluster: false,
    counts: 'single',
    args: ['prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
  },
  { name: 'docs', title: 'Generated pages', needsCluster: false, counts: 'single', args: ['../harness/cli/docs/generate.ts', '--check'] },
  { name: 'unit', title: 'Unit tests', needsCluster: false, counts: 'vitest', args: ['--project', 'unit'] },
  {
    name: 'integration',
    title: 'Integration tests on the real cluster',
    needsCluster: true,
    counts: 'vitest',
    args: ['--project', 'integration'],
  },
  {
    name: 'run',
    title: 'The checks of a pull request on the real gateway',
    needsCluster: true,
    counts: 'run',
    args: ['run', '--priority', 'P0'],
  },
  {
    name: 'run-others',
    title: `The other checks, slice ${others}`,
    needsCluster: true,
    counts: 'run',
    args: ['run', '--priority', 'P1', '--shard', others],
  },
  {
    name: 'prove',
    title: `Checks under their sabotages, slice ${sabotages}`,
    needsCluster: true,
    counts: 'run',
    args: ['prove', '--shard', sabotages],
  },
  {
    name: 'lifecycle',
    title: 'Cells of the lifecycle matrix',
    needsCluster: true,
    counts: 'run',
    args: ['lifecycle', ...lifecycleCells, '-j', '1'],
  },
  {
    name: 'load',
    title: 'A scenario under load, and under its sabotages',
    needsCluster: true,
    counts: 'run',
    args: ['load', 'route-propagation', '--prove'],
  },
  { name: 'conformance', title: 'The upstream suite on the real gateway', needsCluster: true, counts: 'run', args: ['conformance'] },
];
