// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Kube, ResourceReference } from '../kube/kube.ts';
import type { RunEvent } from '../run/events.ts';
import type { Target } from '../target/target.ts';
import { minutes } from '../units.ts';
import { runConformance, type ConformanceOptions } from './run-conformance.ts';

const report = readFileSync(join(import.meta.dirname, 'testdata/reports/v1.4.1-kgateway-v2.2.1.yaml'), 'utf8');
const published = ['Gateway', 'HTTPRoute', 'ReferenceGrant'];
const gatewayClass = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'GatewayClass',
  metadata: { name: 'class' },
  status: { conditions: [{ type: 'Accepted', status: 'True' }], supportedFeatures: published.map((name) => ({ name })) },
};

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gauntlet-conformance-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** A cluster with the class, and with the namespaces of an earlier run where there was one. */
function fakeKube(namespaces: readonly object[] = [], removed: unknown[] = []): Kube {
  return {
    waitFor: () => Promise.resolve(gatewayClass),
    list: () => Promise.resolve(namespaces.map((metadata) => ({ metadata }))),
    remove: (reference: ResourceReference, options: object) => Promise.resolve(removed.push({ name: reference.name, ...options })),
  } as unknown as Kube;
}

/** Stands in for the suite: a script that does what its body says, with the path of the report in $REPORT. */
async function run(body: string, more: Partial<ConformanceOptions> = {}) {
  const binary = join(directory, 'conformance.test');
  writeFileSync(join(directory, 'report-to-write.yaml'), report);
  writeFileSync(
    binary,
    `#!/bin/sh\nfor option; do case $option in -report-output=*) REPORT=\${option#-report-output=};; esac; done\nHERE=${directory}\n${body}\n`,
  );
  chmodSync(binary, 0o755);
  const events: RunEvent[] = [];
  const progress: unknown[][] = [];
  const options: ConformanceOptions = {
    apiVersion: 'v1.4.1',
    features: 'inferred',
    target: { name: 'kgateway', version: '2.2.0', organization: 'o', url: 'u', contact: ['c'], gatewayClass: 'class' } as unknown as Target,
    kube: fakeKube(),
    kubeconfig: '/kubeconfig',
    directory,
    toolDirectories: { 'gateway-api-conformance': directory },
    emit: (event) => events.push(event),
    tell: (...told) => progress.push(told),
    clock: () => 1000,
    ...more,
  };
  const result = runConformance(options);
  return { events, progress, result: await result.catch((error: unknown) => error) };
}

const frame = (line: string) => `printf '\\026%s\\n' '${line}'`;
const writesReport = 'cp "$HERE/report-to-write.yaml" "$REPORT"';

describe('a run of the suite', () => {
  it('emits each test and the report, which stays as it was written', async () => {
    const script = [
      frame('=== RUN   TestConformance/GatewayClassObservedGenerationBump'),
      frame('--- PASS: TestConformance/GatewayClassObservedGenerationBump (0.00s)'),
      frame('=== RUN   TestConformance/MeshBasic'),
      `echo '    conformance.go:61: Skipping MeshBasic: suite does not support Mesh'`,
      frame('--- SKIP: TestConformance/MeshBasic (0.00s)'),
      writesReport,
    ].join('\n');
    const { events, progress, result } = await run(script);
    expect(events.slice(0, 2)).toEqual([
      { type: 'conformance-test', at: 1000, name: 'GatewayClassObservedGenerationBump', result: 'passed', durationMs: 0 },
      {
        type: 'conformance-test',
        at: 1000,
        name: 'MeshBasic',
        result: 'skipped',
        durationMs: 0,
        log: 'Skipping MeshBasic: suite does not support Mesh',
      },
    ]);
    expect(events[2]).toBe(result);
    expect(result).toMatchObject({
      type: 'conformance-ended',
      apiVersion: 'v1.4.1',
      report: 'conformance/report.yaml',
      reportSha256: createHash('sha256').update(report).digest('hex'),
      features: { source: 'inferred', supported: published },
      profiles: [{ name: 'GATEWAY-HTTP', core: { passed: 33 } }, { name: 'GATEWAY-GRPC' }, { name: 'GATEWAY-TLS' }],
    });
    expect(readFileSync(join(directory, 'conformance/report.yaml'), 'utf8')).toBe(report);
    expect(readFileSync(join(directory, 'conformance/suite.log'), 'utf8')).toContain('\x16=== RUN   TestConformance/MeshBasic\n');
    const total = progress[0]?.[2];
    expect(progress.slice(1)).toEqual([[`test 1 of ${String(total)}: GatewayClassObservedGenerationBump`, 0, total]]);
  });

  it('waits for the namespaces of an earlier run that are still going', async () => {
    const removed: unknown[] = [];
    const namespaces = [
      { name: 'default' },
      { name: 'gateway-conformance-infra', deletionTimestamp: 'now' },
      { name: 'gateway-conformance-mesh' },
    ];
    await run(writesReport, { kube: fakeKube(namespaces, removed) });
    expect(removed).toEqual([{ name: 'gateway-conformance-infra', wait: minutes(3) }]);
  });

  it('takes failed tests for results', async () => {
    const { events } = await run(
      [
        frame('=== RUN   TestConformance/HTTPRouteWeight'),
        'echo boom',
        frame('--- FAIL: TestConformance/HTTPRouteWeight (0.00s)'),
        `sed '0,/Failed: 0/s//Failed: 1/' "$HERE/report-to-write.yaml" > "$REPORT"; exit 1`,
      ].join('\n'),
    );
    expect(events).toMatchObject([
      { name: 'HTTPRouteWeight', result: 'failed', log: 'boom' },
      { type: 'conformance-ended', profiles: [{ core: { failed: 1 } }, {}, {}] },
    ]);
  });

  it.each([
    ['ends without a report', 'echo the reason; exit 1', 'ended with exit code 1 and wrote no report. Its last lines:\nthe reason'],
    [
      'panics',
      'echo "panic: test timed out" >&2; exit 2',
      'ended with exit code 2 and wrote no report. Its last lines:\npanic: test timed out',
    ],
    ['is killed', 'kill -9 $$', 'ended with signal SIGKILL and wrote no report'],
    [
      'fails outside of its tests',
      `${writesReport}; echo cleanup failed; exit 1`,
      'ended with exit code 1 although its report has no failed test. Its last lines:\ncleanup failed',
    ],
    ['writes what is no report', 'echo x > "$REPORT"', 'The conformance report cannot be read'],
  ])('that %s is an error of the harness, and keeps the tests that ended', async (_, ending, message) => {
    const { events, result } = await run(
      `${frame('=== RUN   TestConformance/HTTPRouteWeight')}\n${frame('--- PASS: TestConformance/HTTPRouteWeight (0.00s)')}\n${ending}`,
    );
    expect(events[0]).toMatchObject({ name: 'HTTPRouteWeight', result: 'passed' });
    expect(result).toMatchObject({ code: 'GAUNTLET_SUITE', message: expect.stringContaining(message) as string });
  });

  it('whose binary is missing says how to get it', async () => {
    const { result } = await run('', { toolDirectories: { 'gateway-api-conformance': join(directory, 'nowhere') } });
    expect(result).toMatchObject({ code: 'GAUNTLET_SUITE', message: expect.stringContaining('nowhere/conformance.test') as string });
  });

  it('ends when it is interrupted', async () => {
    const interruption = new AbortController();
    const { result } = await run(`${frame('=== RUN   TestConformance/GatewayClassObservedGenerationBump')}\nexec sleep 600`, {
      signal: interruption.signal,
      tell: (message) => {
        if (message.startsWith('test 1')) interruption.abort();
      },
    });
    expect(result).toMatchObject({ code: 'GAUNTLET_INTERRUPTED' });
  });
});
