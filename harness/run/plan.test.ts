// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { subjectLeftOut, type RegisteredCheck } from '../check/check.ts';
import { GauntletError } from '../errors.ts';
import { emptyDocument, fold } from './fold.ts';
import { parseShard, plan, unsuccessful, type PlannedTarget, type PlanOptions } from './plan.ts';

function registered(id: string, more: Partial<RegisteredCheck> = {}): RegisteredCheck {
  return {
    id,
    title: `About ${id}`,
    feature: 'routing.http',
    level: 'MUST',
    priority: 'P0',
    specification: [{ title: 'RFC 9110', url: 'https://www.rfc-editor.org/rfc/rfc9110' }],
    requires: ['echo'],
    sabotages: [{ name: subjectLeftOut, title: 'left out', breaks: 'x' }],
    serial: false,
    installation: 'release',
    needs: [],
    run: () => Promise.resolve(),
    file: `suites/routing/${id}.ts`,
    ...more,
  };
}

const checks = [
  registered('apikey-header', {
    sabotages: [
      { name: subjectLeftOut, title: '', breaks: 'x' },
      { name: 'wrong-key', title: 'w', breaks: 'y' },
    ],
  }),
  registered('mcp-tools', { feature: 'agents.mcp' }),
  registered('nack-lds', { serial: true }),
  registered('routing-basic'),
];

const target: PlannedTarget = {
  name: 'kgateway',
  title: 'kgateway 2.2.0',
  features: ['routing.http'],
  installations: ['strict', 'bare'],
  lacking: { module: 'the module is missing: nobody has it' },
  others: ['other'],
};
const options: PlanOptions = { kind: 'run', patterns: [], target, seed: 7 };
const executionsOf = (more: Partial<PlanOptions>) =>
  plan(checks, { ...options, ...more }).flatMap((check) => check.executions.map((one) => one.execution));

test('a plan says everything that a report needs, and nothing else', () => {
  expect(plan(checks, { ...options, patterns: ['routing-basic', 'mcp-tools'] })).toMatchInlineSnapshot(`
    [
      {
        "executions": [
          {
            "execution": "routing-basic",
          },
        ],
        "feature": "routing.http",
        "file": "suites/routing/routing-basic.ts",
        "id": "routing-basic",
        "installation": "release",
        "level": "MUST",
        "priority": "P0",
        "serial": false,
        "specification": [
          {
            "title": "RFC 9110",
            "url": "https://www.rfc-editor.org/rfc/rfc9110",
          },
        ],
        "title": "About routing-basic",
      },
      {
        "executions": [],
        "feature": "agents.mcp",
        "file": "suites/routing/mcp-tools.ts",
        "id": "mcp-tools",
        "installation": "release",
        "level": "MUST",
        "priority": "P0",
        "serial": false,
        "skipped": {
          "reason": "kgateway 2.2.0 does not claim agents.mcp",
          "verdict": "not-applicable",
        },
        "specification": [
          {
            "title": "RFC 9110",
            "url": "https://www.rfc-editor.org/rfc/rfc9110",
          },
        ],
        "title": "About mcp-tools",
      },
    ]
  `);
});

test('prove executes each check without a sabotage first, then under each of its own', () => {
  expect(executionsOf({ kind: 'prove' })).toMatchInlineSnapshot(`
    [
      "routing-basic",
      "routing-basic@subject-left-out",
      "apikey-header",
      "apikey-header@subject-left-out",
      "apikey-header@wrong-key",
      "nack-lds",
      "nack-lds@subject-left-out",
    ]
  `);
});

test('of a check that is known to fail, all is proven but the expectation that fails', () => {
  const proof = { kind: 'prove', patterns: ['apikey-header'] } as const;
  expect(executionsOf({ ...proof, knownGaps: new Map([['apikey-header', 'y']]) })).toEqual([
    'apikey-header',
    'apikey-header@subject-left-out',
  ]);
});

test('checks are executed by installation, in the order of the target, and one that the target does not have is not applicable', () => {
  const installed = ['bare', 'strict', 'release', 'unknown'].map((installation) => registered(`on-${installation}`, { installation }));
  const planned = plan(installed, options);
  expect(planned.filter(({ executions }) => executions.length > 0).map(({ id }) => id)).toEqual(['on-release', 'on-strict', 'on-bare']);
  expect(planned.find(({ id }) => id === 'on-unknown')?.skipped).toEqual({
    verdict: 'not-applicable',
    reason: 'kgateway 2.2.0 has no installation unknown',
  });
});

test('a check that needs a part that this build lacks could not run, and says why', () => {
  const [planned] = plan([registered('xf-headers', { needs: ['shell', 'module'] })], options);
  expect(planned).toMatchObject({ executions: [], skipped: { verdict: 'could-not-run', reason: 'the module is missing: nobody has it' } });
});

test('what is the own of another gateway is not asked, though this one claims the same feature', () => {
  const files = ['suites/other/own.ts', 'suites/others/own.ts', 'suites/kgateway/own.ts'];
  const planned = plan(
    files.map((file, index) => registered(`check-${index}`, { file })),
    options,
  );
  expect(planned.filter(({ skipped }) => skipped !== undefined)).toMatchObject([
    { file: 'suites/other/own.ts', skipped: { verdict: 'not-applicable', reason: "it is about what is other's own" } },
  ]);
});

test('repetitions are numbered', () => {
  expect(executionsOf({ kind: 'prove', patterns: ['routing-basic'], repeat: 2 })).toEqual([
    'routing-basic#1',
    'routing-basic#2',
    'routing-basic@subject-left-out#1',
    'routing-basic@subject-left-out#2',
  ]);
});

test('serial checks come after all others, whatever the seed', () => {
  fc.assert(fc.property(fc.integer(), (seed) => executionsOf({ seed }).at(-1) === 'nack-lds'));
});

test('the same seed gives the same order, and other seeds give every order', () => {
  const orders = new Set(Array.from({ length: 50 }, (_, seed) => executionsOf({ seed }).join()));
  expect(orders).toEqual(new Set(['apikey-header,routing-basic,nack-lds', 'routing-basic,apikey-header,nack-lds']));
  expect(executionsOf({ seed: 3 })).toEqual(executionsOf({ seed: 3 }));
});

test('shards of a plan are together the whole, never overlap, do not depend on the seed, and are balanced', () => {
  const many = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { maxLength: 40 });
  fc.assert(
    fc.property(many, fc.integer({ min: 1, max: 6 }), fc.integer(), fc.integer(), (ids, count, seed, otherSeed) => {
      const some = ids.map((id) => registered(id));
      const shard = (index: number, with_: number) =>
        plan(some, { ...options, kind: 'prove', seed: with_, shard: { index, count } }).map((check) => check.id);
      const shards = Array.from({ length: count }, (_, index) => shard(index + 1, seed));
      expect(shards.flat().sort()).toEqual(ids.toSorted());
      expect(shard(1, otherSeed).toSorted()).toEqual(shards[0]?.toSorted());
      const sizes = shards.map((one) => one.length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
});

test('a heavy check counts by its executions', () => {
  const heavy = registered('heavy', {
    sabotages: Array.from({ length: 5 }, (_, index) => ({ name: `s${index}`, title: 's', breaks: 'x' })),
  });
  const some = [heavy, ...['a', 'b', 'c'].map((id) => registered(id))];
  const shard = (index: number) =>
    plan(some, { ...options, kind: 'prove', shard: { index, count: 2 } })
      .map((check) => check.id)
      .toSorted();
  expect([shard(1), shard(2)]).toEqual([['heavy'], ['a', 'b', 'c']]);
});

test('what did not end well is planned again: failed, flaky, undecided or never executed', () => {
  const ids = ['failed', 'passed', 'undecided', 'never', 'warned', 'flaky'];
  const some = ids.map((id) => registered(id));
  const verdicts = {
    failed: 'fail',
    passed: 'pass',
    undecided: 'could-not-run',
    warned: 'warn',
    'flaky#1': 'warn',
    'flaky#2': 'pass',
  } as const;
  const planned = plan(some, options).map((check) =>
    check.id === 'flaky' ? { ...check, executions: ['flaky#1', 'flaky#2'].map((execution) => ({ execution })) } : check,
  );
  const started = { type: 'run-started', plan: planned } as unknown as Parameters<typeof fold>[1];
  let document = fold(emptyDocument(), started);
  for (const [check, verdict] of Object.entries(verdicts)) {
    document = fold(document, { type: 'check-ended', at: 1, check, execution: check, verdict, durationMs: 1, converged: {} });
  }
  expect(unsuccessful(document)).toEqual(new Set(['failed', 'undecided', 'never', 'flaky']));
  const again = plan([...some, registered('new')], { ...options, lastFailed: document });
  expect(again.map((check) => check.id).toSorted()).toEqual(['failed', 'flaky', 'never', 'undecided']);
});

test.each([
  ['1/1', { index: 1, count: 1 }],
  ['2/4', { index: 2, count: 4 }],
])('%s is a shard', (text, shard) => {
  expect(parseShard(text)).toEqual(shard);
});

test.each(['0/4', '5/4', '1', '1/', '/2', 'a/b', '1/2/3', '-1/2', '1/0', ''])('%j is no shard', (text) => {
  expect(() => parseShard(text)).toThrow(GauntletError);
});
