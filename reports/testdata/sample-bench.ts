// SPDX-License-Identifier: Apache-2.0
import { decide } from '../../harness/bench/gate.ts';
import { windows, type WindowsOptions } from '../../harness/bench/testing/windows.ts';
import type { RunDocument } from '../../harness/run/document.ts';
import { countVerdicts } from '../../harness/run/fold.ts';
import { seededRandom } from '../../harness/run/seed.ts';
import { check, execution, sampleRun } from './sample.ts';

const gate = (options: Partial<WindowsOptions>) => {
  const played = windows({ pairs: 24, spread: 0.01, random: seededRandom(5), ...options });
  return { windows: played, decision: decide(played) };
};

/** A run of the gate: one that passed, one that found the candidate worse, one that could not tell. */
export function sampleBench(): RunDocument {
  const worse = gate({ worse: { cpuPerRequest: 0.08, goodRate: 0.04 } });
  const noisy = gate({ pairs: 48, spread: 0.12 });
  const failure = {
    expectation: 'the candidate is no worse than the baseline',
    expected: 'no worse',
    actual: 'cpuPerRequest 1.08 times as bad',
    attempts: 1,
    pattern: 'one attempt',
    notes: [],
    reproduce: [],
  };
  const checks = [
    check('gate-http1', 'The candidate is no worse than the baseline over HTTP/1.1', 'routing.http', {
      executions: [execution('gate-http1', { gate: gate({}) })],
    }),
    check('gate-h2', 'The candidate is no worse than the baseline over HTTP/2', 'routing.http', {
      verdict: 'fail',
      executions: [execution('gate-h2', { verdict: 'fail', failure, gate: worse })],
    }),
    check('gate-tls', 'The candidate is no worse than the baseline over TLS', 'routing.http', {
      verdict: 'could-not-run',
      reason: 'GAUNTLET_INCONCLUSIVE: After 48 pairs of windows nothing is decided',
      executions: [execution('gate-tls', { verdict: 'could-not-run', gate: noisy })],
    }),
  ];
  return sampleRun({
    run: { ...sampleRun().run, kind: 'bench', command: 'bench --candidate envoy' },
    verdict: 'fail',
    exitCode: 1,
    errors: [],
    checks,
    counts: countVerdicts(checks),
  });
}
