// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { GauntletError } from '../errors.ts';
import type { CheckEnded, PlannedExecution } from '../run/events.ts';
import type { BaselineEntry } from './baseline.ts';
import { defaultBudgets } from './budgets.ts';
import { subjectLeftOut } from './check.ts';
import { createEngine } from './engine.ts';
import { denied, reached, status } from './matchers.ts';
import { fakeEndpoint } from './testing/fake-gateway.ts';
import { executeOnceIn, failing, passing, type Run } from './testing/execute-once.ts';
import { sampleCheck, sampleEngine } from './testing/sample.ts';

const directory = mkdtempSync(join(tmpdir(), 'gauntlet-execution-'));
afterAll(() => rmSync(directory, { recursive: true }));

const policy = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'policy' } };
const peerGone = new GauntletError('GAUNTLET_PEER', 'The echo did not answer.', { hint: 'Look at its pod.' });

const executeOnce = executeOnceIn(directory);

const policyDecides: Run = async ({ apply, expect: expecting, probe, sabotaged }, { gateway }) => {
  const before = gateway;
  await expecting.now('serves', async () => {
    await reached(await probe.send(fakeEndpoint, { path: '/open' }), before);
  });
  const [applied] = await apply.subject(policy);
  gateway.treat = ({ path }) => (path === '/open' || !applied || sabotaged('says-yes') ? { status: 200, reaches: true } : { status: 401 });
  await expecting.now('denied', async () => denied(await probe.send(fakeEndpoint, {}), { status: 401, before }));
};

const sabotages = [
  { name: subjectLeftOut, title: 'the policy is left out', breaks: 'denied' },
  { name: 'says-yes', title: 'the authorization server says yes', breaks: 'denied' },
];

test.each([undefined, subjectLeftOut, 'says-yes'])('a check is green without a sabotage and proven by each (%s)', async (sabotage) => {
  const { ended, types } = await executeOnce(policyDecides, { check: { sabotages }, ...(sabotage === undefined ? {} : { sabotage }) });
  expect(ended.verdict).toBe('pass');
  expect(ended.proof).toBe(sabotage === undefined ? undefined : 'proven');
  expect(ended.failure).toBeUndefined();
  expect(types).not.toContain('evidence');
});

test('a check that stays green under a sabotage is unproven', async () => {
  const { ended } = await executeOnce(
    async (context, world) => {
      await context.apply.subject(policy);
      await passing(context, world);
    },
    { sabotage: subjectLeftOut },
  );
  expect(ended).toMatchObject({ verdict: 'fail', proof: 'survived', reason: /stays green although "the policy is left out"/ });
});

test('a check that fails elsewhere under a sabotage is unproven', async () => {
  const { ended } = await executeOnce(policyDecides, {
    check: { sabotages: [{ name: 'says-yes', title: 'yes', breaks: 'something else' }] },
    sabotage: 'says-yes',
  });
  expect(ended).toMatchObject({
    verdict: 'fail',
    proof: 'broke-elsewhere',
    reason: 'says-yes should break "something else" and broke "denied"',
  });
});

test('a harness failure under a sabotage proves nothing', async () => {
  const { ended } = await executeOnce(() => Promise.reject(peerGone), { sabotage: subjectLeftOut });
  expect(ended).toMatchObject({ verdict: 'could-not-run', proof: 'could-not-run', reason: /^GAUNTLET_PEER/ });
});

test.each([
  [passing, 'subject-left-out', /run never called apply\.subject/],
  [failing, 'says-yes', /sabotage says-yes is not wired: run never asked sabotaged\('says-yes'\)/],
  [passing, 'says-yes', /not wired/],
] as const)('a sabotage that nothing in the check heeds is a defect, whether the check is green or red', async (run, sabotage, reason) => {
  const { ended } = await executeOnce(run, { check: { sabotages }, sabotage });
  expect(ended).toMatchObject({ verdict: 'could-not-run', proof: 'could-not-run', reason });
});

test('only the expectation that a sabotage breaks gets less time, and never less than it needs without it', async () => {
  const spent: Record<string, number> = {};
  const world = sampleEngine(directory);
  const check = sampleCheck(async ({ expect: expecting, apply, probe }) => {
    const [applied] = await apply.subject(policy);
    const began = world.clock.now();
    world.gateway.treat = () => ({ status: applied && world.clock.now() >= began + 3000 ? 401 : 404 });
    await expecting
      .eventually('denied', async () => void status(await probe.send(fakeEndpoint, {}), 401))
      .finally(() => (spent[applied ? 'control' : 'sabotaged'] = world.clock.now() - began));
  });
  const engine = createEngine(world.options);
  const { signal } = new AbortController();
  const sabotaged: PlannedExecution = { execution: 'extauth-deny@subject-left-out', sabotage: subjectLeftOut };
  await engine.execute(check, sabotaged, signal);
  expect(spent).toEqual({ sabotaged: defaultBudgets.traffic.ms * 0.1 });
  await engine.execute(check, { execution: 'extauth-deny' }, signal);
  await engine.execute(check, sabotaged, signal);
  const converged = world.events.find((event) => event.type === 'check-ended' && event.execution === 'extauth-deny') as CheckEnded;
  expect(converged.converged['denied']).toBeGreaterThanOrEqual(3000);
  expect(spent['sabotaged']).toBe(4 * (converged.converged['denied'] ?? 0));
});

const gap: BaselineEntry = {
  id: 'extauth-deny',
  target: 'kgateway',
  sometimes: false,
  versions: '2.2.x',
  expectation: 'denied',
  observed: '200',
  reason: 'fails open',
  link: 'https://example.test/1',
  expires: '2026-01-01',
  where: 'suites/baseline.yaml:1',
};

test.each<readonly [string, Run, Partial<BaselineEntry>, string, RegExp]>([
  ['a failure as the baseline knows it', failing, {}, 'known-gap', /^fails open \(https:\/\/example\.test\/1\)$/],
  ['a check that passes now', passing, {}, 'fail', /^suites\/baseline\.yaml:1 is stale: the check passes now/],
  ['an entry whose day has passed', failing, { expires: '2025-12-31' }, 'fail', /expired on 2025-12-31: fails open/],
  ['another result', failing, { observed: '503' }, 'fail', /knows another result: "denied" got 503; this time "denied" got 200/],
  ['another expectation', failing, { expectation: 'serves' }, 'fail', /knows another result/],
  [
    'a failure that the gap may also show as',
    failing,
    { expectation: 'serves', also: [{ expectation: 'denied', observed: '200' }] },
    'known-gap',
    /^fails open/,
  ],
  [
    'a failure that is neither',
    failing,
    { expectation: 'serves', also: [{ expectation: 'denied', observed: '503' }] },
    'fail',
    /knows another result/,
  ],
  ['a check that could not run', () => Promise.reject(peerGone), {}, 'could-not-run', /^GAUNTLET_PEER/],
])('with a baseline entry, %s comes to its own verdict', async (_name, run, entry, verdict, reason) => {
  const { ended } = await executeOnce(run, { engine: { baseline: new Map([['extauth-deny', { ...gap, ...entry }]]) } });
  expect(ended.verdict).toBe(verdict);
  expect(ended.reason).toMatch(reason);
});
