// SPDX-License-Identifier: Apache-2.0
import type { PlannedCheck, RunEvent, RunStarted } from '../../harness/run/events.ts';
import { sampleRun, sampleStart } from './sample.ts';

/** An event and how long after the start of the run it comes, in milliseconds. */
type Timed = RunEvent extends infer Event ? (Event extends RunEvent ? Omit<Event, 'at'> : never) : never;

const at = (ms: number, event: Timed): RunEvent => ({ ...event, at: sampleStart + ms });

const planned = (id: string, feature: string, executions = [{ execution: id }]): PlannedCheck => ({
  id,
  title: id,
  feature,
  level: 'MUST',
  priority: 'P0',
  file: `suites/${feature}/${id}.ts`,
  specification: [],
  serial: false,
  installation: 'release',
  executions,
});

function started(plan: readonly PlannedCheck[], changes: Partial<RunStarted> = {}): RunEvent {
  const { startedAt: _startedAt, endedAt: _endedAt, durationMs: _durationMs, ...run } = sampleRun().run;
  return { type: 'run-started', at: sampleStart, ...run, plan, ...changes };
}

/** What a short run says, from a tool that is built to its end. */
export const sampleEvents: readonly RunEvent[] = [
  started([planned('extauth-allow-deny', 'auth.extauth'), planned('extauth-server-down', 'auth.extauth'), { ...planned('mcp-auth', 'agent.mcp', []), skipped: { verdict: 'not-applicable', reason: 'not claimed' } }]),
  at(0, { type: 'phase-started', phase: 'tools', title: 'Tools' }),
  at(100, { type: 'progress', phase: 'tools', message: 'etcd, cached', done: 1, total: 14 }),
  at(400, { type: 'progress', phase: 'tools', message: 'kubelet, building, expected 90 s', done: 2, total: 14 }),
  at(6_000, { type: 'progress', phase: 'tools', message: 'kubelet, building, 5.6 s of 90 s', done: 2, total: 14 }),
  at(7_000, { type: 'phase-ended', phase: 'tools', durationMs: 7_000, outcome: 'ok' }),
  at(7_000, { type: 'phase-started', phase: 'checks', title: 'Checks' }),
  at(7_100, { type: 'check-started', check: 'extauth-allow-deny', execution: 'extauth-allow-deny', namespace: 'g-a' }),
  at(7_100, { type: 'check-started', check: 'extauth-server-down', execution: 'extauth-server-down', namespace: 'g-b' }),
  at(8_000, { type: 'attempt', execution: 'extauth-server-down', expectation: 'denied', attempt: 3, ok: false, durationMs: 4, expected: '403', actual: '200, 1 arrival at echo \u001b[2J' }),
  at(9_000, { type: 'check-ended', check: 'extauth-allow-deny', execution: 'extauth-allow-deny', verdict: 'pass', durationMs: 1_900, converged: {} }),
  at(30_000, { type: 'harness-failed', code: 'GAUNTLET_PEER', message: 'The peer echo did not answer', hint: 'Read its log.' }),
  at(37_100, {
    type: 'check-ended',
    check: 'extauth-server-down',
    execution: 'extauth-server-down',
    verdict: 'fail',
    durationMs: 30_000,
    converged: {},
    failure: { expectation: 'denied', expected: '403', actual: '200, 1 arrival at echo', attempts: 41, pattern: 'all 41 attempts alike', notes: [], reproduce: [] },
  }),
  at(37_100, { type: 'phase-ended', phase: 'checks', durationMs: 30_100, outcome: 'failed' }),
  at(37_200, { type: 'run-ended', verdict: 'fail', exitCode: 1, durationMs: 37_200 }),
];

/** What the upstream suite says. */
export const sampleSuiteEvents: readonly RunEvent[] = [
  started([], { kind: 'conformance', command: 'conformance' }),
  at(0, { type: 'phase-started', phase: 'suite', title: 'Upstream suite v1.4.1' }),
  at(900, { type: 'conformance-test', name: 'GatewayModifyListeners', result: 'passed', durationMs: 900 }),
  at(900, { type: 'progress', phase: 'suite', message: 'HTTPRouteWeight', done: 1, total: 59 }),
  at(15_200, { type: 'conformance-test', name: 'HTTPRouteWeight', result: 'failed', durationMs: 14_300, log: 'weight.go:83' }),
  at(15_200, { type: 'progress', phase: 'suite', message: 'HTTPRouteRequestMirror', done: 2, total: 59 }),
  at(15_200, { type: 'conformance-test', name: 'HTTPRouteRequestMirror', result: 'skipped', durationMs: 0, log: 'not supported' }),
];
