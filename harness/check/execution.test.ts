// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { GauntletError } from '../errors.ts';
import type { RunEvent } from '../run/events.ts';
import { createEngine } from './engine.ts';
import { lateArrivalExpectation } from './execution.ts';
import { denied, status } from './matchers.ts';
import { NotApplicable } from './not-applicable.ts';
import { fakeEndpoint } from './testing/fake-gateway.ts';
import { executeOnceIn, failing, passing, type Run } from './testing/execute-once.ts';
import { sampleCheck, sampleEngine } from './testing/sample.ts';

const directory = mkdtempSync(join(tmpdir(), 'gauntlet-execution-'));
afterAll(() => rmSync(directory, { recursive: true }));

const peerGone = new GauntletError('GAUNTLET_PEER', 'The echo did not answer.', { hint: 'Look at its pod.' });

const executeOnce = executeOnceIn(directory);

test('a check whose requirement holds passes, in a namespace of its own that is gone afterwards', async () => {
  const { ended, types, kube, gateway, events } = await executeOnce(async (context, world) => {
    await context.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'policy' } });
    await passing(context, world);
  });
  expect(ended).toMatchObject({ check: 'extauth-deny', execution: 'extauth-deny', verdict: 'pass' });
  expect(types).toEqual(['check-started', 'attempt', 'check-ended']);
  const { namespace } = events[0] as Extract<RunEvent, { type: 'check-started' }>;
  expect(namespace).toMatch(/^extauth-deny-[0-9a-f]{8}$/);
  expect(kube.actions).toEqual([`apply Namespace/${namespace}`, 'apply ConfigMap/policy', `remove Namespace/${namespace}`]);
  expect(gateway.open).toBe(0);
});

test('evidence is gathered, and the verdict said, before anything is removed', async () => {
  const order: string[] = [];
  await executeOnce(
    async (context, world) => {
      context.defer(() => void order.push('deferred'));
      await failing(context, world);
    },
    {
      prepare: ({ events, kube }) => {
        const push = events.push.bind(events);
        events.push = (...more) => {
          order.push(...more.map((event) => event.type));
          return push(...more);
        };
        const remove = kube.remove.bind(kube);
        kube.remove = (reference) => {
          order.push('removed');
          return remove(reference);
        };
      },
    },
  );
  expect(order.filter((step, index) => step !== order[index - 1])).toEqual([
    'check-started',
    'attempt',
    'evidence',
    'check-ended',
    'deferred',
    'removed',
  ]);
});

test('what the gateway has no words for ends a check as not applicable, with no evidence to gather', async () => {
  const { ended, types } = await executeOnce(async (context, world) => {
    await passing(context, world);
    throw new NotApplicable('sample has no words for it');
  });
  expect(ended).toMatchObject({ verdict: 'not-applicable', reason: 'sample has no words for it' });
  expect(types).not.toContain('evidence');
});

test('a failure says what was expected, what was seen, and how to see it again', async () => {
  const { ended } = await executeOnce(failing);
  expect(ended.verdict).toBe('fail');
  expect(ended.failure).toMatchObject({ expectation: 'denied', expected: '401', actual: '200', attempts: 1, pattern: 'the only attempt' });
  const [again, applied, request] = ended.failure?.reproduce ?? [];
  expect(again).toBe('gauntlet run extauth-deny --keep');
  expect(applied).toMatch(/^kubectl apply -f \S+manifest\.yaml$/);
  expect(request).toMatch(/^curl .*x-gauntlet-id: x1.* http:\/\/198\.19\.240\.1:8080\/$/);
});

test.each(['lifecycle', 'load'])('what is no check of the suites is executed again by its own command: %s', async (command) => {
  const { ended } = await executeOnce(failing, { engine: { command } });
  expect(ended.failure?.reproduce).toEqual([
    `gauntlet ${command} extauth-deny --keep`,
    expect.stringMatching(/^kubectl apply -f \S+manifest\.yaml$/),
  ]);
});

test.each([
  ['SHOULD', 'warn'],
  ['MAY', 'warn'],
  ['MUST', 'fail'],
] as const)('a broken %s comes to %s', async (level, verdict) => {
  expect((await executeOnce(failing, { check: { level } })).ended.verdict).toBe(verdict);
});

test('a failure of the harness is never a verdict on the gateway, wherever it comes from', async () => {
  const broken = () => Promise.reject(peerGone);
  const reason = 'GAUNTLET_PEER: The echo did not answer. Look at its pod.';
  const endings = [
    await executeOnce(passing, { check: { requires: ['echo'] }, engine: { fixtures: { echo: broken } } }),
    await executeOnce(({ expect: expecting }) => expecting.eventually('denied', broken)),
    await executeOnce(broken),
    await executeOnce(async (context, world) => {
      await Promise.all([failing(context, world).catch(() => undefined), broken()]);
    }),
  ];
  expect(endings.map(({ ended }) => [ended.verdict, ended.reason, ended.failure])).toEqual(
    endings.map(() => ['could-not-run', reason, undefined]),
  );
  const applying: Run = async ({ apply }) => {
    await apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'policy' } });
  };
  const refused = await executeOnce(applying, { prepare: ({ kube }) => void kube.refusedKinds.add('Namespace') });
  expect(refused.ended).toMatchObject({ verdict: 'could-not-run', reason: /^GAUNTLET_API: / });
});

test('fixtures are built in the order in which they are required', async () => {
  const built: string[] = [];
  const fixtures = Object.fromEntries(['a', 'b', 'c'].map((name) => [name, () => Promise.resolve(void built.push(name))]));
  await executeOnce(passing, { check: { requires: ['c', 'a', 'b'] }, engine: { fixtures } });
  expect(built).toEqual(['c', 'a', 'b']);
});

test('a denied request that reaches the backend after all fails the check', async () => {
  const { ended } = await executeOnce(
    async ({ expect: expecting, probe }, { gateway }) => {
      await expecting.now('denied', async () => denied(await probe.send(fakeEndpoint, {}), { status: 401, before: gateway }));
      gateway.arrive('x1');
    },
    { prepare: ({ gateway }) => (gateway.treat = () => ({ status: 401 })) },
  );
  expect(ended.verdict).toBe('fail');
  expect(ended.failure).toMatchObject({
    expectation: lateArrivalExpectation,
    expected: '0 denied requests at echo',
    actual: '1 arrived after the gateway had denied them',
  });
});

test('a peer that does not answer at the last look leaves the check undecided', async () => {
  const { ended } = await executeOnce(
    async ({ expect: expecting, probe }, { gateway }) => {
      await expecting.now('denied', async () => denied(await probe.send(fakeEndpoint, {}), { status: 401, before: gateway }));
      gateway.onAsked = () => {
        throw peerGone;
      };
    },
    { prepare: ({ gateway }) => (gateway.treat = () => ({ status: 401 })) },
  );
  expect(ended.verdict).toBe('could-not-run');
});

test('an attempt that was not the expected denial may reach the backend', async () => {
  let programmed = false;
  const { ended } = await executeOnce(
    ({ expect: expecting, probe }, { gateway }) =>
      expecting.eventually('denied', async () => {
        const exchange = await probe.send(fakeEndpoint, {});
        programmed = true;
        await denied(exchange, { status: 401, before: gateway });
      }),
    { prepare: ({ gateway }) => (gateway.treat = () => (programmed ? { status: 401 } : { status: 200, reaches: true })) },
  );
  expect(ended.verdict).toBe('pass');
});

test.each<readonly [string, Run, RegExp]>([
  ['expects nothing', () => Promise.resolve(), /expects nothing, so it cannot fail/],
  [
    'does not wait',
    ({ expect: e }) => Promise.resolve(void e.eventually('later', () => new Promise(() => undefined))),
    /ended without waiting for later/,
  ],
  [
    'throws something else',
    () => Promise.reject(new TypeError('no such thing')),
    /threw something that is no mismatch: TypeError: no such thing\n\s+at /,
  ],
  [
    'uses a matcher bare',
    async ({ probe }) => void status(await probe.send(fakeEndpoint, {}), 401),
    /matcher was used outside of an expectation: expected 401, got 200/,
  ],
  [
    'asks for a sabotage it has not',
    ({ sabotaged }) => Promise.resolve(void sabotaged('invented')),
    /asks about sabotage invented, which the check does not declare/,
  ],
  [
    'leaves an attack running',
    async (context, world) => {
      context.probe.attack(fakeEndpoint, {});
      await passing(context, world);
    },
    /ended without stopping its attack/,
  ],
])('a check that %s is defective, which is no verdict', async (_name, run, reason) => {
  const { ended } = await executeOnce(run);
  expect(ended.verdict).toBe('could-not-run');
  expect(ended.reason).toMatch(/^Defect of the check: /);
  expect(ended.reason).toMatch(reason);
});

test('a check that requires a fixture that does not exist is defective', async () => {
  const { ended } = await executeOnce(passing, { check: { requires: ['oracle'] } });
  expect(ended.reason).toBe('Defect of the check: it requires oracle, and there is no such fixture');
});

test('a failure that the check swallowed still counts', async () => {
  const { ended } = await executeOnce(async (context, world) => {
    await failing(context, world).catch(() => undefined);
    await passing(context, world);
  });
  expect(ended).toMatchObject({ verdict: 'fail', failure: { expectation: 'denied' } });
});

test('a check that takes longer than its budget could not run, and says where it was', async () => {
  const forever = () => new Promise<void>(() => undefined);
  const fixture = await executeOnce(passing, { check: { requires: ['echo'] }, engine: { fixtures: { echo: forever } } });
  expect(fixture.ended).toMatchObject({ verdict: 'could-not-run', durationMs: 240_000 });
  expect(fixture.ended.reason).toContain('extauth-deny took longer than 4 min 00 s, its whole budget; it was at fixture echo.');
  const run = await executeOnce(({ expect: expecting }) => expecting.now('answers', forever));
  expect(run.ended.reason).toContain('it was at run');
});

test('an interrupted check could not run, is cleaned up, and costs no time for evidence', async () => {
  const interruption = new AbortController();
  const { ended, types, kube, gateway } = await executeOnce(
    async ({ expect: expecting }) => {
      await expecting.eventually('denied', () => {
        interruption.abort(new Error('received SIGTERM'));
        throw peerGone;
      });
    },
    { signal: interruption.signal },
  );
  expect(ended).toMatchObject({ verdict: 'could-not-run', reason: /^GAUNTLET_INTERRUPTED/ });
  expect(types).not.toContain('evidence');
  expect(kube.actions.at(-1)).toMatch(/^remove Namespace/);
  expect(gateway.open).toBe(0);
});

test('executions of one check never share a name, and their hostnames are valid', async () => {
  const names = new Set<string>();
  const world = sampleEngine(directory);
  const id = 'a-check-with-a-very-long-id-that-would-not-fit-into-one-label-of-a-hostname';
  const check = sampleCheck(
    ({ hostname, namespace }) => {
      expect(hostname('a')).toBe(`a.${hostname()}`);
      for (const label of hostname('a').split('.')) expect(label).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
      names.add(hostname()).add(namespace);
      return Promise.resolve();
    },
    { id },
  );
  const executions = [id, `${id}#1`, `${id}#2`, `${id}@subject-left-out`];
  for (const execution of executions) await createEngine(world.options).execute(check, { execution }, new AbortController().signal);
  expect(names.size).toBe(2 * executions.length);
});
