// SPDX-License-Identifier: Apache-2.0
import type { CellResult, CellVerdict, Mark } from '../../harness/lifecycle/cell-result.ts';
import type { CheckResult, ExecutionResult, RunDocument } from '../../harness/run/document.ts';
import type { Verdict } from '../../harness/check/verdict.ts';
import { check, execution, sampleRun, sampleStart } from './sample.ts';

// What cells came to on kgateway 2.2.0, as the journal of a run has it; only `open` is made up.

const greenPolicy = 'TrafficPolicy Accepted=True (Valid), Attached=True (Attached)';
const greenRoute = 'HTTPRoute Accepted=True (Accepted), ResolvedRefs=True (ResolvedRefs)';

const mark = (atMs: number, kind: Mark['kind'], text: string): Mark => ({ atMs, kind, text });

/** Bins of `everyMs` from `fromMs` on: denied, passed, served, failed; `-` where nothing was sent. */
function bins(fromMs: number, everyMs: number, counts: string): CellResult['bins'] {
  return counts.split(' ').flatMap((text, index) => {
    if (text === '-') return [];
    const [denied = 0, passed = 0, served = 0, failed = 0] = text.split(',').map(Number);
    return [{ fromMs: fromMs + index * everyMs, denied, passed, served, failed }];
  });
}

const createdAfterRoute: CellResult = {
  verdict: 'held',
  watch: { fromMs: 2543.4, toMs: 5143.8 },
  convergedMs: 0,
  recoveredMs: 0,
  generator: { sent: 2532, missed: 37, forbidden: 2228, late99Ms: 20, longestGapMs: 56 },
  detection: { 5: 0.9219, 50: 0.9977, 500: 1 },
  marks: [
    mark(0, 'event', 'the route is written'),
    mark(28.9, 'step', 'acknowledged after 29 ms'),
    mark(29, 'restored', 'the policy is written'),
    mark(37.9, 'status', 'not there; not there'),
    mark(220.3, 'status', `${greenPolicy}; ${greenRoute}`),
  ],
  bins: bins(400, 200, '53,0,6,0 104,0,9,0 100,0,10,0 100,0,10,0 100,0,10,0 96,0,10,0 100,0,10,0 96,0,10,0 104,0,10,0 100,0,10,0 84,0,9,0 100,0,10,0 100,0,10,0 100,0,10,0 95,0,10,0 105,0,10,0 100,0,10,0 100,0,10,0 100,0,10,0 95,0,10,0 97,0,10,0 100,0,10,0 98,0,10,0 73,0,8,0'),
};

const recreated: CellResult = {
  verdict: 'held',
  watch: { fromMs: 2054.4, toMs: 4671.9 },
  convergedMs: 0,
  generator: { sent: 2885, missed: 84, forbidden: 2539, late99Ms: 21.9, longestGapMs: 68 },
  detection: { 5: 0.8764, 50: 0.993, 500: 1 },
  marks: [
    mark(-1075, 'step', 'policy and route are written'),
    mark(-1046, 'status', 'not there; not there'),
    mark(-1026.4, 'step', 'policy and route are written: acknowledged after 49 ms'),
    mark(-940.6, 'status', `${greenPolicy}; ${greenRoute}`),
    mark(-0.1, 'step', 'the policy is in force'),
    mark(0, 'event', 'the policy is deleted'),
    mark(10.3, 'step', 'acknowledged after 10 ms'),
    mark(10.4, 'step', 'the policy is written again'),
    mark(48, 'status', `not there; ${greenRoute}`),
    mark(54.4, 'step', 'the policy is written again: acknowledged after 44 ms'),
    mark(155.8, 'status', `TrafficPolicy without conditions; ${greenRoute}`),
    mark(271.9, 'status', `${greenPolicy}; ${greenRoute}`),
  ],
  bins: bins(-800, 200, '69,0,7,0 100,0,10,0 100,0,10,0 100,0,10,0 91,0,8,0 101,0,10,0 100,0,10,0 89,0,10,0 100,0,10,0 88,0,9,0 100,0,10,0 100,0,10,0 96,0,10,0 99,0,10,0 101,0,10,0 100,0,10,0 100,0,10,0 100,0,10,0 100,0,10,0 100,0,10,0 100,0,10,0 100,0,10,0 100,0,10,0 95,0,10,0 94,0,9,0 101,0,10,0 86,0,8,0 13,0,1,0'),
};

const extensionDeleted: CellResult = {
  verdict: 'leaked',
  watch: { fromMs: -0.2, toMs: 5377.1 },
  leak: { requests: 36, of: 2491, spells: [{ fromMs: 3042.6, toMs: 3185.1, requests: 36 }], by: { 'wrong over h2 kept': 1, 'anonymous over http/1.1 kept': 19, 'wrong over http/1.1 kept': 16 }, whileGreen: true, examples: ['ext-auth-grpc-extension-deleted-route-8229cdaf-1729', 'ext-auth-grpc-extension-deleted-route-8229cdaf-1730'] },
  recoveredMs: 2,
  generator: { sent: 2904, missed: 256, forbidden: 2556, late99Ms: 28.3, longestGapMs: 191 },
  detection: { 5: 0.8367, 50: 0.9527, 500: 1 },
  marks: [
    mark(-649.7, 'step', 'policy and route are written'),
    mark(-593.1, 'status', 'not there; not there'),
    mark(-459.4, 'step', 'policy and route are written: acknowledged after 190 ms'),
    mark(-448.2, 'status', 'TrafficPolicy without conditions; HTTPRoute without conditions'),
    mark(-320.4, 'status', `${greenPolicy}; ${greenRoute}`),
    mark(-0.2, 'step', 'the policy is in force'),
    mark(0, 'event', 'the GatewayExtension is deleted'),
    mark(15.8, 'step', 'acknowledged after 16 ms'),
    mark(448.9, 'status', `${greenPolicy}; HTTPRoute Accepted=False (RouteRuleReplaced), ResolvedRefs=True (ResolvedRefs)`),
    mark(553, 'status', 'TrafficPolicy Accepted=False (Invalid), Attached=False (Pending); HTTPRoute Accepted=False (RouteRuleReplaced), ResolvedRefs=True (ResolvedRefs)'),
    mark(3016, 'restored', 'the GatewayExtension is restored'),
    mark(3110.5, 'status', `${greenPolicy}; ${greenRoute}`),
  ],
  bins: bins(-400, 50, '1,0,0,0 12,0,2,0 4,0,0,0 33,0,3,0 24,0,3,0 29,0,2,0 12,0,2,0 34,0,2,1 25,0,0,3 15,0,0,1 - - - 29,0,0,3 26,0,0,2 24,0,0,3 26,0,0,2 24,0,0,3 26,0,0,2 24,0,0,3 26,0,0,2 23,0,0,2 23,0,0,3 25,0,0,2 29,0,0,3 20,0,0,2 29,0,0,3 21,0,0,2 24,0,0,3 29,0,0,3 26,0,0,2 24,0,0,3 25,0,0,2 25,0,0,3 24,0,0,2 26,0,0,3 26,0,0,2 24,0,0,3 26,0,0,2 24,0,0,3 26,0,0,2 24,0,0,3 25,0,0,2 23,0,0,2 - 36,0,0,4 25,0,0,2 25,0,0,3 24,0,0,2 23,0,0,2 29,0,0,3 24,0,0,3 26,0,0,2 24,0,0,3 26,0,0,2 24,0,0,3 26,0,0,2 22,0,0,2 28,0,0,3 24,0,0,3 26,0,0,2 24,0,0,3 25,0,0,2 25,0,0,3 26,0,0,2 24,0,0,2 25,0,0,3 25,0,0,3 21,4,1,1 12,13,3,0 14,11,2,0 17,8,3,0 25,0,2,0 24,0,2,0 27,0,3,0 24,0,3,0 26,0,2,0 24,0,3,0 19,0,1,0 24,0,3,0 31,0,3,0 25,0,3,0 26,0,2,0 24,0,3,0 26,0,2,0 24,0,3,0 25,0,2,0 25,0,3,0 26,0,2,0 24,0,3,0 26,0,2,0 24,0,3,0 26,0,2,0 24,0,3,0 26,0,2,0 24,0,3,0 26,0,2,0 24,0,3,0 25,0,2,0 10,0,1,0 - 9,0,1,0 37,0,3,0 24,0,3,0 24,0,2,0 23,0,2,0 29,0,3,0 24,0,3,0 24,0,2,0 26,0,3,0 11,0,1,0 - 2,0,1,0 32,0,3,0 20,0,2,0 20,0,2,0'),
};

const routeRecreated: CellResult = {
  verdict: 'leaked',
  watch: { fromMs: -0.1, toMs: 3191.7 },
  leak: { requests: 14, of: 1403, spells: [{ fromMs: 184.6, toMs: 231, requests: 14 }], by: { 'anonymous over http/1.1 fresh': 1, 'anonymous over h2 kept': 3, 'wrong over h2 kept': 2, 'anonymous over http/1.1 kept': 5, 'wrong over http/1.1 kept': 3 }, whileGreen: false, examples: ['ext-auth-grpc-route-recreated-route-44c9969d-151', 'ext-auth-grpc-route-recreated-route-44c9969d-155'] },
  recoveredMs: 161,
  generator: { sent: 1594, missed: 236, forbidden: 1403, late99Ms: 36.7, longestGapMs: 125 },
  detection: { 5: 0.6773, 50: 0.9518, 500: 1 },
  marks: [
    mark(-549.1, 'step', 'policy and route are written'),
    mark(-538.1, 'status', 'not there; not there'),
    mark(-524.4, 'step', 'policy and route are written: acknowledged after 25 ms'),
    mark(-430.6, 'status', 'TrafficPolicy without conditions; HTTPRoute without conditions'),
    mark(-101.3, 'status', `${greenPolicy}; ${greenRoute}`),
    mark(-0.1, 'step', 'the policy is in force'),
    mark(0, 'event', 'the route is deleted'),
    mark(8.6, 'step', 'acknowledged after 9 ms'),
    mark(8.6, 'restored', 'the route is written again'),
    mark(9, 'status', `${greenPolicy}; not there`),
    mark(110.8, 'status', `${greenPolicy}; HTTPRoute without conditions`),
    mark(372.4, 'status', 'TrafficPolicy without conditions; HTTPRoute without conditions'),
    mark(594.3, 'status', `${greenPolicy}; ${greenRoute}`),
  ],
  bins: bins(-300, 50, '1,0,0,0 - - - 12,0,2,0 33,0,3,0 27,0,3,0 25,0,2,0 25,0,2,1 17,1,0,1 8,13,2,0 28,0,3,0 23,0,2,0 25,0,3,0 26,0,3,0 8,0,0,0 25,0,2,0 28,0,3,0 28,0,3,0 8,0,0,0 16,0,2,0 31,0,3,0 25,0,3,0 26,0,2,0 16,0,1,0 30,0,3,0 24,0,3,0 26,0,2,0 24,0,3,0 26,0,2,0 23,0,2,0 27,0,3,0 24,0,3,0 24,0,2,0 16,0,2,0 13,0,1,0 - 26,0,3,0 27,0,3,0 23,0,2,0 27,0,3,0 25,0,2,0 25,0,3,0 18,0,1,0 32,0,4,0 26,0,2,0 23,0,3,0 22,0,2,0 25,0,3,0 25,0,2,0 25,0,3,0 26,0,2,0 24,0,3,0 26,0,2,0 24,0,3,0 25,0,2,0 25,0,2,0 20,0,3,0 24,0,2,0 24,0,3,0 24,0,2,0 28,0,3,0 25,0,3,0 21,0,2,0 16,0,1,0 3,0,1,0 22,0,2,0 11,0,1,0'),
};

const peerLost: CellResult = {
  verdict: 'outage',
  watch: { fromMs: -0.2, toMs: 5234.6 },
  outage: { requests: 29, of: 63, spells: [{ fromMs: 3681.5, toMs: 5198.2, requests: 29 }], by: { '403 over http/1.1 kept': 29 } },
  recoveredMs: 2196,
  generator: { sent: 2986, missed: 283, forbidden: 2628, late99Ms: 23.4, longestGapMs: 122 },
  detection: { 5: 0.7554, 50: 0.961, 500: 1 },
  marks: [
    mark(-807.7, 'step', 'policy and route are written'),
    mark(-799.1, 'status', 'not there; not there'),
    mark(-752.3, 'step', 'policy and route are written: acknowledged after 55 ms'),
    mark(-693.2, 'status', 'TrafficPolicy without conditions; HTTPRoute without conditions'),
    mark(-312.6, 'status', `${greenPolicy}; HTTPRoute without conditions`),
    mark(-87.9, 'status', `${greenPolicy}; ${greenRoute}`),
    mark(-0.2, 'step', 'the policy is in force'),
    mark(0, 'event', 'the server refuses connections'),
    mark(1.5, 'step', 'acknowledged after 1 ms'),
    mark(3002, 'restored', 'the server is back'),
  ],
  bins: bins(-750, 50, '3,0,0,0 11,16,2,1 16,8,3,0 18,8,2,0 18,6,3,0 20,2,2,0 28,0,2,1 26,0,2,0 25,0,3,0 25,0,2,0 24,0,3,0 25,0,2,0 25,0,3,0 25,0,2,0 26,0,0,3 25,0,0,2 6,0,0,1 22,0,0,2 22,0,0,2 25,0,0,2 24,0,0,3 14,0,0,1 30,0,0,4 26,0,0,2 13,0,0,1 35,0,0,3 25,0,0,3 26,0,0,2 24,0,0,3 26,0,0,2 24,0,0,3 26,0,0,2 24,0,0,3 26,0,0,2 25,0,0,3 25,0,0,2 25,0,0,3 23,0,0,2 27,0,0,3 25,0,0,2 21,0,0,2 29,0,0,3 24,0,0,3 26,0,0,2 25,0,0,3 25,0,0,2 24,0,0,3 26,0,0,2 25,0,0,3 25,0,0,2 24,0,0,3 26,0,0,2 24,0,0,3 26,0,0,2 24,0,0,3 26,0,0,2 24,0,0,3 25,0,0,2 19,0,0,2 23,0,0,2 33,0,0,3 21,0,0,3 27,0,0,2 27,0,0,3 24,0,0,3 23,0,0,2 27,0,0,3 26,0,0,2 23,0,0,2 26,0,0,3 25,0,0,3 26,0,1,1 24,0,3,0 18,0,1,0 12,0,1,0 19,0,1,0 - 26,0,3,0 23,0,2,0 27,0,3,0 24,0,2,0 20,0,3,0 21,0,2,0 28,0,3,0 23,0,2,0 27,0,3,0 24,0,3,0 26,0,2,0 24,0,1,2 26,0,1,1 24,0,1,2 26,0,1,1 25,0,1,2 25,0,1,1 25,0,2,1 25,0,1,1 24,0,0,2 26,0,1,2 24,0,2,1 26,0,1,1 24,0,2,1 26,0,2,0 24,0,3,0 26,0,2,0 22,0,2,0 5,0,1,0 - 25,0,2,0 13,0,1,1 - 17,0,1,0 11,0,1,0 5,0,0,0 28,0,0,3 2,0,0,0 23,0,0,2 35,0,1,2 2,0,1,0 21,0,0,3 18,0,1,0'),
};

const secretEmptied: CellResult = {
  verdict: 'open',
  watch: { fromMs: 0, toMs: 23_650 },
  leak: { requests: 11_210, of: 11_822, spells: [{ fromMs: 612.4, toMs: 23_648.1, requests: 11_210 }], by: { 'anonymous over http/1.1 kept': 2_811, 'wrong over http/1.1 kept': 2_790, 'anonymous over h2 kept': 2_802, 'wrong over h2 kept': 2_807 }, whileGreen: true, examples: ['api-key-reference-secret-emptied-gateway-1c02-41'] },
  healedByRestart: false,
  generator: { sent: 13_007, missed: 0, forbidden: 11446, late99Ms: 4.1, longestGapMs: 9 },
  detection: { 5: 0.9991, 50: 1, 500: 1 },
  marks: [
    mark(-0.1, 'step', 'the policy is in force'),
    mark(0, 'event', 'the Secret is emptied'),
    mark(9.2, 'step', 'acknowledged after 9 ms'),
    mark(604, 'log', 'kgateway: "API key secret has no data, skipping"'),
  ],
  bins: bins(-600, 200, Array.from({ length: 122 }, (_, slot) => (slot < 6 ? '100,0,10,0' : slot === 6 ? '94,6,10,0' : '0,100,10,0')).join(' ')),
};

const groups: Readonly<Record<string, string>> = { 'peer-lost': 'peer', 'extension-deleted': 'reference', 'secret-emptied': 'reference' };

/** One try of a cell. */
function attempt(id: string, came: CellResult | string, repetition?: number): ExecutionResult {
  const name = repetition === undefined ? id : `${id}#${repetition}`;
  const [policy = '', event = '', level = ''] = id.split('.');
  const numbered = repetition === undefined ? {} : { repetition };
  if (typeof came === 'string') return execution(name, { ...numbered, verdict: 'could-not-run', durationMs: 5_900, reason: came });
  const { leak, outage } = came;
  const failure = {
    expectation: leak === undefined ? 'what is allowed is served when it should be' : 'nothing that is forbidden reaches the backend',
    expected: leak === undefined ? 'all' : 'none',
    actual: leak === undefined ? `${outage?.requests ?? 0} of ${outage?.of ?? 0} failed` : `${came.verdict}: ${leak.requests} of ${leak.of} requests`,
    attempts: 1,
    pattern: 'the only attempt',
    notes: [{ title: 'gone', text: 'GatewayExtension/policy, TrafficPolicy/policy, HTTPRoute/app' }],
    reproduce: [`gauntlet lifecycle ${id} --keep`, `kubectl apply -f out/20261122-233652-0098/checks/${name}/manifest.yaml`],
  };
  return execution(name, {
    ...numbered,
    durationMs: 11_200,
    cell: { address: { policy, event, level, group: groups[event] ?? 'policy' }, result: came },
    ...(came.verdict === 'held' ? {} : { verdict: 'fail', failure }),
  });
}

const checkVerdicts: Readonly<Record<CellVerdict, Verdict>> = { held: 'pass', outage: 'fail', leaked: 'fail', open: 'fail' };
const levels: Readonly<Record<string, string>> = { gateway: 'a Gateway', route: 'a route', 'delegated-child': 'a route that another one delegates to' };
const titles: Readonly<Record<string, string>> = {
  'created-after-route': 'the policy is written when its route serves already',
  recreated: 'the policy is deleted and written again, as a rollback does',
  'route-recreated': 'the route is deleted and written again, while its policy stays',
  'extension-deleted': 'the GatewayExtension that it refers to is deleted, and is restored',
  'secret-emptied': 'the Secret that it refers to is emptied, and is restored',
  'peer-lost': 'its server refuses connections, and then is back',
  'peer-down-from-start': 'its server refuses connections from the start, and then comes up',
};

/** A cell with what its tries came to, or why they did not. */
function cell(id: string, ...came: readonly (CellResult | string)[]): CheckResult {
  const [policy = '', event = '', level = ''] = id.split('.');
  const verdicts = came.map((one) => (typeof one === 'string' ? 'could-not-run' : checkVerdicts[one.verdict]));
  const verdict = (['fail', 'could-not-run'] as const).find((one) => verdicts.includes(one)) ?? 'pass';
  const reason = verdict === 'could-not-run' ? came.find((one) => typeof one === 'string') : undefined;
  const title = policy === 'ext-auth-grpc' ? 'External authorization over gRPC' : 'API keys in a Secret by name';
  return check(id, `${title} on ${levels[level] ?? level} holds: ${titles[event] ?? event}`, policy === 'ext-auth-grpc' ? 'authentication.ext-auth' : 'authentication.api-key', {
    file: 'suites/lifecycle/table.ts',
    specification: [{ title: 'GEP-713 metaresources and policy attachment', url: 'https://gateway-api.sigs.k8s.io/geps/gep-713/' }],
    verdict,
    ...(typeof reason === 'string' ? { reason } : {}),
    flaky: verdicts.includes('pass') && verdicts.includes('fail'),
    executions: came.map((one, index) => attempt(id, one, came.length === 1 ? undefined : index + 1)),
  });
}

const busy = (sent: number): string =>
  `GAUNTLET_MACHINE: The generator sent ${sent} requests and missed 374; for 341 ms of 4977 it sent nothing that is forbidden The machine is too busy for so many cells at once: use a smaller -j.`;

/** Cells of every verdict: two policies, three levels, and some with several tries. */
export const sampleCells: readonly CheckResult[] = [
  cell('ext-auth-grpc.created-after-route.route', createdAfterRoute),
  cell('ext-auth-grpc.extension-deleted.route', extensionDeleted),
  cell('ext-auth-grpc.route-recreated.route', recreated, routeRecreated, recreated),
  cell('ext-auth-grpc.route-recreated.gateway', recreated, recreated, recreated),
  cell('ext-auth-grpc.peer-lost.route', peerLost),
  cell('ext-auth-grpc.peer-down-from-start.route', busy(2_174)),
  cell('ext-auth-grpc.peer-down-from-start.delegated-child', busy(1_998)),
  cell('api-key-reference.secret-emptied.gateway', secretEmptied),
  cell('api-key-reference.route-recreated.route', { ...routeRecreated, leak: { requests: 1, of: 1_403, spells: [{ fromMs: 190.2, toMs: 190.2, requests: 1 }], by: { 'wrong over h2 kept': 1 }, whileGreen: true, examples: [] } }),
  cell('api-key-reference.recreated.delegated-child', recreated, busy(1_870), recreated),
  {
    ...cell('ext-auth-grpc.route-recreated.delegated-child', routeRecreated),
    verdict: 'known-gap',
    reason: 'kgateway 2.2.0 serves a route before its policy is translated; expires 2027-03-01',
  },
];

/** A run of the lifecycle matrix. */
export function sampleLifecycle(changes: Partial<RunDocument> = {}): RunDocument {
  const { run, counts } = sampleRun();
  const tally: Record<Verdict, number> = { pass: 0, fail: 0, 'known-gap': 0, warn: 0, 'not-applicable': 0, 'could-not-run': 0 } satisfies typeof counts;
  for (const { verdict } of sampleCells) tally[verdict] += 1;
  return sampleRun({
    run: { ...run, runId: '20261122-233652-0098', kind: 'lifecycle', command: 'lifecycle ext-auth-grpc api-key-reference', startedAt: sampleStart, jobs: 3 },
    checks: sampleCells,
    counts: tally,
    errors: [],
    ...changes,
  });
}
