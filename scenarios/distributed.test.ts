// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, vi } from 'vitest';
import { mergeRunners } from '../harness/bench/k6-operator/merge.ts';
import { readRunnerReport } from '../harness/bench/k6-operator/runner-report.ts';
import { temporaryFolder } from '../harness/testing/temporary-folder.ts';
import { bundleScript, distributedScenarios } from './distributed.ts';
import { loadChecks } from './table.ts';

it('every one is a scenario', () => {
  for (const { id } of distributedScenarios) expect(loadChecks.map((check) => check.id)).toContain(id);
});

it.each(distributedScenarios)('the script of $id is one file that needs k6 alone, the same each time', async (scenario) => {
  const code = await bundleScript(scenario);
  expect(await bundleScript(scenario)).toBe(code);
  expect([...code.matchAll(/^import .* from "(.*)";$/gm)].map(([, from]) => from).filter((from) => !/^k6(\/|$)/.test(from ?? ''))).toEqual(
    [],
  );
  expect(code).toMatch(/^export \{ .* as default, handleSummary, options \};$/m);
});

/** The script, with a k6 in its place that answers with these latencies, in milliseconds. */
async function play(runner: string, latencies: readonly number[]): Promise<string> {
  const [scenario] = distributedScenarios;
  if (scenario === undefined) throw new Error('no scenario');
  const folder = temporaryFolder();
  const fake = join(folder, 'node_modules', 'k6');
  mkdirSync(fake, { recursive: true });
  writeFileSync(join(fake, 'package.json'), JSON.stringify({ name: 'k6', type: 'module', exports: { './*': './*.js' } }));
  writeFileSync(join(fake, 'http.js'), 'export default { get: (url, { headers }) => globalThis.fakeK6.get(url, headers) };');
  writeFileSync(
    join(fake, 'metrics.js'),
    'export class Counter { constructor(name) { this.add = (by) => globalThis.fakeK6.count(name, by); } }',
  );
  writeFileSync(join(folder, 'script.mjs'), await bundleScript(scenario));
  const counts: Record<string, number> = {};
  const left = [...latencies];
  vi.stubGlobal('__ENV', { URL: 'http://gw.test/', HOST: 'app.test', RATE: '6', SECONDS: '1', RUNNERS: '2', RUNNER: runner });
  vi.stubGlobal('fakeK6', {
    get: (url: string, headers: object) => {
      expect([url, headers]).toEqual(['http://gw.test/', { Host: 'app.test' }]);
      return { timings: { duration: left.shift() } };
    },
    count: (name: string, by: number) => void (counts[name] = (counts[name] ?? 0) + by),
  });
  const script = (await import(/* @vite-ignore */ pathToFileURL(join(folder, 'script.mjs')).href)) as {
    readonly default: () => void;
    readonly handleSummary: (data: object) => { readonly stdout: string };
  };
  latencies.forEach(() => script.default());
  const values = (of: object) => ({ values: of });
  const metrics = {
    http_reqs: values({ count: latencies.length }),
    http_req_failed: values({ passes: 0 }),
    http_req_duration: values({ max: Math.max(...latencies) }),
    ...Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, values({ count })])),
  };
  return script.handleSummary({ state: { testRunDurationMs: 1000 }, metrics }).stdout;
}

it('what the runners of a script write is put together', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1000 });
  try {
    const logs = [await play('r-1', [1, 2, 300]), await play('r-2', [1, 1, 40])];
    const merged = mergeRunners(logs.map((log) => readRunnerReport(log, 'runner')));
    expect(merged).toMatchObject({ requests: 6, runners: 2, p50: expect.closeTo(1, 1) as number, max: 300, p999: 300 });
    expect(merged.invalid).toBeUndefined();
  } finally {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  }
});
