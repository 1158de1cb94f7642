// SPDX-License-Identifier: Apache-2.0
import type { CheckResult, ExecutionResult, RunDocument } from '../../harness/run/document.ts';
import type { Failure } from '../../harness/run/events.ts';
import type { Verdict } from '../../harness/check/verdict.ts';

/** When every sample run starts: 2026-11-22 12:00:00 UTC. */
export const sampleStart = Date.UTC(2026, 10, 22, 12);

type Attempts = ExecutionResult['attempts'];
type Evidence = ExecutionResult['evidence'];

const modulePath = 'https://github.com/kgateway-dev/kgateway/blob/v2.2.0';
const rfc = (number: number, section: string) => ({
  title: `RFC ${number} ${section}`,
  url: `https://www.rfc-editor.org/rfc/rfc${number}#section-${section}`,
});

/** An execution that passed, unless told otherwise. */
export function execution(name: string, changes: Partial<ExecutionResult> = {}): ExecutionResult {
  return {
    execution: name,
    startedAt: sampleStart + 24_000,
    durationMs: 2_300,
    verdict: 'pass',
    converged: {},
    attempts: {},
    evidence: [],
    ...changes,
  };
}

/** A check with one execution that passed, unless told otherwise. */
export function check(id: string, title: string, feature: string, changes: Partial<CheckResult> = {}): CheckResult {
  return {
    id,
    title,
    feature,
    level: 'MUST',
    priority: 'P0',
    file: `suites/${feature.replaceAll('.', '/')}/${id}.ts`,
    specification: [{ title: 'kgateway v2.2.0 api/v1alpha1', url: `${modulePath}/api/v1alpha1` }],
    serial: false,
    installation: 'release',
    verdict: 'pass',
    flaky: false,
    executions: [execution(id)],
    ...changes,
  };
}

/** Attempts that fail all but the last `streak`, one every `everyMs`. */
function attempts(startedAt: number, total: number, streak: number, everyMs: number, expected: string, actual: string): Attempts[string] {
  return Array.from({ length: total }, (_, index) => {
    const ok = index >= total - streak;
    return { at: startedAt + index * everyMs, ok, durationMs: 4 + ((index * 7) % 11), ...(ok ? {} : { expected, actual }) };
  });
}

const serverDownFailure: Failure = {
  expectation: 'denied while the auth server is down',
  expected: '403, 0 arrivals at echo',
  actual: '200, 1 arrival at echo (x-gauntlet-id 7f3a91c2)',
  attempts: 41,
  pattern: 'all 41 attempts alike',
  notes: [
    { title: 'TrafficPolicy/ext-auth', text: 'Accepted=True (Valid), Attached=True (Attached), generation 1, observed 1' },
    { title: 'kgateway log', text: '12:00:31 "cluster extauth_ext-auth has no healthy endpoints"' },
    { title: 'envoy stat', text: 'ext_authz.failure_mode_allowed 41' },
  ],
  reproduce: [
    'kubectl apply -f out/20261122-120000-k3v9/extauth-server-down/manifest.yaml',
    "curl -sS --connect-to '::198.19.240.3:8080' -H 'x-gauntlet-id: repro' http://a.extauth-server-down.test:8080/",
  ],
};

const serverDownEvidence: Evidence = [
  { title: 'Last exchange', side: 'client', contentType: 'text/plain', file: 'extauth-server-down/exchange-41.txt' },
  { title: 'Arrivals at echo', side: 'peer', contentType: 'application/json', file: 'extauth-server-down/arrivals-echo.json' },
  { title: 'Proxy config dump', side: 'gateway', contentType: 'application/json', file: 'extauth-server-down/config-dump.json' },
  { title: 'Proxy log', side: 'gateway', contentType: 'text/plain', file: 'extauth-server-down/proxy.log' },
  { title: 'Controller log', side: 'controller', contentType: 'text/plain', file: 'extauth-server-down/kgateway.log' },
  { title: 'Objects with status', side: 'api', contentType: 'application/yaml', file: 'extauth-server-down/objects.yaml' },
];

/** Contents of the sample's evidence files; one of them is hostile. */
export const sampleEvidence: Readonly<Record<string, string>> = {
  'extauth-server-down/exchange-41.txt': [
    '> GET / HTTP/1.1',
    '> host: a.extauth-server-down.test:8080',
    '> authorization: <redacted>',
    '> x-gauntlet-id: 7f3a91c2',
    '',
    '< HTTP/1.1 200 OK',
    '< server: envoy',
    '< content-type: text/html',
    '< x-echo: "</script><script>alert(\'evidence\')</script>"',
    '',
    '\u001b[31m<!-- </pre><img src=x onerror=alert(1)> -->\u001b[0m & \u202Egnp.exe',
  ].join('\n'),
  'extauth-server-down/arrivals-echo.json':
    '[{"id":"7f3a91c2","at":"2026-11-22T12:00:54.113Z","method":"GET","path":"/","peer":"198.18.0.14","headers":{"x-forwarded-for":"198.19.255.1"}}]',
  'extauth-server-down/proxy.log': Array.from(
    { length: 400 },
    (_, line) => `[2026-11-22 12:00:${String(20 + Math.floor(line / 11)).padStart(2, '0')}.${String((line * 37) % 1000).padStart(3, '0')}][1][warning][ext_authz] ext_authz filter: server error, allowed by failure mode #${line}`,
  ).join('\n'),
  'extauth-server-down/kgateway.log': [
    '{"time":"2026-11-22T12:00:29.401Z","level":"info","msg":"syncing xds","gateway":"gauntlet-shared/http","resources":14}',
    '{"time":"2026-11-22T12:00:31.018Z","level":"warn","msg":"cluster extauth_ext-auth has no healthy endpoints"}',
  ].join('\n'),
  'extauth-server-down/objects.yaml': [
    'apiVersion: gateway.kgateway.dev/v1alpha1',
    'kind: TrafficPolicy',
    'metadata:',
    '  name: ext-auth',
    '  namespace: g-extauth-server-down-k3v9',
    'spec:',
    '  extAuth:',
    '    extensionRef:',
    '      name: ext-auth',
    'status:',
    '  ancestors:',
    '    - conditions:',
    '        - type: Accepted',
    '          status: "True"',
    '          reason: Valid',
  ].join('\n'),
  'jwt-inline/exchange-1.txt': '> GET / HTTP/1.1\n> host: a.jwt-inline.test:8080\n\n< HTTP/1.1 401 Unauthorized\n< www-authenticate: Bearer realm="http://a.jwt-inline.test/"',
};

const checks: readonly CheckResult[] = [
  check('gateway-programmed', 'A Gateway becomes Programmed and has an address', 'gateway.provisioning', {
    executions: [execution('gateway-programmed', { durationMs: 3_900, converged: { 'Programmed is True': 2_140 } })],
  }),
  check('gateway-objects', 'A Gateway owns one Deployment, Service, ServiceAccount and ConfigMap', 'gateway.provisioning', {
    executions: [execution('gateway-objects', { durationMs: 1_200, converged: { 'all four objects exist': 610 } })],
  }),
  check('route-header-modifier', 'Request headers are set, added and removed as the route says', 'routing.http', {
    executions: [execution('route-header-modifier', { durationMs: 1_850, converged: { 'headers arrive modified': 312 } })],
  }),
  check('route-unknown-host-404', 'A host that no route names is answered with 404', 'routing.http', {
    executions: [execution('route-unknown-host-404', { durationMs: 640, converged: { 'answers 404': 0 } })],
  }),
  check('extauth-allow-deny', 'The auth server decides: allowed requests arrive, denied ones never do', 'auth.extauth', {
    executions: [
      execution('extauth-allow-deny', {
        durationMs: 4_120,
        converged: { 'allowed request arrives': 840, 'denied before the backend': 1_210 },
        attempts: { 'denied before the backend': attempts(sampleStart + 26_000, 9, 3, 150, '403, 0 arrivals at echo', '503, 0 arrivals at echo') },
      }),
    ],
  }),
  check('extauth-server-down', 'A request is denied while the auth server is down', 'auth.extauth', {
    specification: [{ title: 'kgateway v2.2.0 trafficpolicy/extauth.go', url: `${modulePath}/pkg/kgateway/extensions2/plugins/trafficpolicy/extauth_policy.go` }],
    verdict: 'fail',
    executions: [
      execution('extauth-server-down', {
        verdict: 'fail',
        durationMs: 32_600,
        failure: serverDownFailure,
        converged: { 'allowed request arrives': 790 },
        attempts: {
          'allowed request arrives': attempts(sampleStart + 24_200, 8, 3, 110, '200', '404'),
          'denied while the auth server is down': attempts(sampleStart + 26_300, 41, 0, 730, serverDownFailure.expected, serverDownFailure.actual),
        },
        evidence: serverDownEvidence,
      }),
    ],
  }),
  check('apikey-header', 'A request without a valid API key in the header is denied', 'auth.apikey', {
    executions: [execution('apikey-header', { durationMs: 2_710, converged: { 'denied before the backend': 655 } })],
  }),
  check('basic-inline', 'A wrong password is denied, the right one arrives', 'auth.basic', {
    specification: [rfc(7617, '2')],
    executions: [execution('basic-inline', { durationMs: 2_480, converged: { 'denied before the backend': 702 } })],
  }),
  check('jwt-inline', 'A JWT that the inline key set does not verify is denied', 'auth.jwt', {
    specification: [rfc(7519, '7.2'), rfc(6750, '3.1')],
    verdict: 'fail',
    flaky: true,
    executions: [
      execution('jwt-inline#1', { repetition: 1, durationMs: 2_940, converged: { 'denied before the backend': 910 } }),
      execution('jwt-inline#2', {
        repetition: 2,
        verdict: 'fail',
        durationMs: 30_400,
        converged: {},
        attempts: {
          'denied before the backend': [
            ...attempts(sampleStart + 31_000, 6, 6, 400, '', ''),
            { at: sampleStart + 33_700, ok: false, durationMs: 6, expected: '401, 0 arrivals at echo', actual: '401, 1 arrival at echo (x-gauntlet-id 0b66e1d4)' },
          ],
        },
        failure: {
          expectation: 'denied before the backend',
          expected: '401, 0 arrivals at echo',
          actual: '401, 1 arrival at echo (x-gauntlet-id 0b66e1d4)',
          attempts: 7,
          pattern: '6 attempts held, then 1 did not',
          notes: [{ title: 'late arrival', text: 'the request arrived at echo 1.2 s after the check had seen its 401' }],
          reproduce: ["curl -sS --connect-to '::198.19.240.3:8080' -H @out/20261122-120000-k3v9/jwt-inline/headers.txt http://a.jwt-inline.test:8080/"],
        },
        evidence: [{ title: 'Last exchange', side: 'client', contentType: 'text/plain', file: 'jwt-inline/exchange-1.txt' }],
      }),
      execution('jwt-inline#3', { repetition: 3, durationMs: 3_010, converged: { 'denied before the backend': 1_330 } }),
    ],
  }),
  check('mtls-valid-only', 'Only a client certificate of the configured CA completes the handshake', 'tls.client-certificates', {
    specification: [rfc(8446, '4.4.2')],
    executions: [execution('mtls-valid-only', { durationMs: 5_330, converged: { 'handshake refused': 1_920, 'handshake completes': 1_480 } })],
  }),
  check('mtls-missing-ref', 'A listener whose CA reference is missing serves nobody', 'tls.client-certificates', {
    verdict: 'known-gap',
    reason: 'kgateway 2.2.0 leaves the listener open when the ConfigMap is missing; expires 2027-03-01, https://github.com/kgateway-dev/kgateway/issues/12345',
    executions: [
      execution('mtls-missing-ref', {
        verdict: 'known-gap',
        durationMs: 31_100,
        failure: {
          expectation: 'connection refused',
          expected: 'a connection or TLS error',
          actual: '200',
          attempts: 38,
          pattern: 'all 38 attempts alike',
          notes: [{ title: 'Gateway/mtls', text: 'ResolvedRefs=False (InvalidCACertificateRef), Programmed=True' }],
          reproduce: ["curl -sSk --connect-to '::198.19.240.4:8443' https://a.mtls-missing-ref.test:8443/"],
        },
      }),
    ],
  }),
  check('nack-lds-cipher', 'A cipher that Envoy refuses is counted as a NACK and changes nothing else', 'resilience.nack', {
    serial: true,
    executions: [execution('nack-lds-cipher', { durationMs: 11_700, converged: { 'the rejection is counted': 6_420, 'the old listener still serves': 0 } })],
  }),
  check('val-invalid-policy', 'An invalid policy says why in its status', 'validation.policy', {
    level: 'SHOULD',
    verdict: 'warn',
    executions: [
      execution('val-invalid-policy', {
        verdict: 'warn',
        durationMs: 30_200,
        failure: {
          expectation: 'status names the field',
          expected: 'Accepted=False with a message that names spec.rateLimit',
          actual: 'Accepted=False (Invalid): "policy is invalid"',
          attempts: 30,
          pattern: 'all 30 attempts alike',
          notes: [],
          reproduce: ['kubectl get trafficpolicy -n g-val-invalid-policy-k3v9 -o yaml'],
        },
      }),
    ],
  }),
  check('ratelimit-global', 'A global rate limit answers 429 above its limit', 'traffic.rate-limit', {
    verdict: 'could-not-run',
    reason: 'peer ratelimit did not answer its control API within 30.0 s',
    executions: [execution('ratelimit-global', { verdict: 'could-not-run', durationMs: 30_900, reason: 'peer ratelimit did not answer its control API within 30.0 s' })],
  }),
  check('mcp-auth', 'An MCP client without a token is told where to get one', 'agent.mcp', {
    verdict: 'not-applicable',
    reason: 'kgateway does not claim agent.mcp',
    executions: [],
  }),
];

function countsOf(results: readonly CheckResult[]): Readonly<Record<Verdict, number>> {
  const counts: Record<Verdict, number> = { pass: 0, fail: 0, 'known-gap': 0, warn: 0, 'not-applicable': 0, 'could-not-run': 0 };
  for (const result of results) counts[result.verdict] += 1;
  return counts;
}

const environment: RunDocument['environment'] = {
  machine: { cpu: 'AMD EPYC 7763', cores: '2', memory: '7.8 GiB', kernel: '6.1.0-28-amd64', os: 'Debian GNU/Linux 12' },
  cluster: { provider: 'native', why: 'no container engine, root on Linux', kubernetes: 'v1.35.4', 'node ready after': '3.1 s' },
  target: { gateway: 'kgateway 2.2.0', 'gateway class': 'kgateway', chart: 'kgateway-2.2.0', envoy: '1.36.4' },
  tools: { kubelet: 'v1.35.4, built from k8s.io/kubernetes', etcd: 'v3.6.6, built from go.etcd.io/etcd', helm: 'v4.0.1, cache' },
  images: {
    'kgateway:2.2.0': 'sha256:4be1c2f0a7d94d6f3e5ad8c2b6b4c8a19fd0a35e4a1f7f0e2b9d6c1a08e7f355',
    'envoy-wrapper:2.2.0': 'sha256:9d0c4ee1b7f7c4edc1be7f9c1a2b53d8e6f4a0917cb2e8d35f6a1b0c9e8d7f66',
  },
};

const phases: RunDocument['phases'] = [
  { phase: 'tools', title: 'Tools', startedAt: sampleStart, durationMs: 900, outcome: 'ok' },
  { phase: 'images', title: 'Images', startedAt: sampleStart + 900, durationMs: 2_300, outcome: 'ok' },
  { phase: 'cluster', title: 'Cluster', startedAt: sampleStart + 1_000, durationMs: 6_400, outcome: 'ok' },
  { phase: 'install', title: 'Install kgateway 2.2.0', startedAt: sampleStart + 7_400, durationMs: 12_100, outcome: 'ok' },
  { phase: 'checks', title: 'Checks', startedAt: sampleStart + 19_500, durationMs: 141_000, outcome: 'failed' },
  { phase: 'cleanup', title: 'Clean up', startedAt: sampleStart + 160_500, durationMs: 1_700, outcome: 'ok' },
];

/** A run with every verdict, a flaky check and a harness error. */
export function sampleRun(changes: Partial<RunDocument> = {}): RunDocument {
  return {
    documentVersion: 1,
    run: {
      runId: '20261122-120000-k3v9',
      kind: 'run',
      command: 'run --repeat 3 -j 2',
      gauntlet: { version: '0.1.0', commit: 'c5fd419' },
      target: { name: 'kgateway', version: '2.2.0', title: 'kgateway 2.2.0 (Envoy 1.36.4)', gatewayClass: 'kgateway' },
      architecture: 'amd64',
      seed: 421_337,
      jobs: 2,
      budgets: { converge: 30_000, traffic: 30_000, quiet: 2_000, check: 120_000 },
      startedAt: sampleStart,
      endedAt: sampleStart + 162_200,
      durationMs: 162_200,
    },
    verdict: 'fail',
    exitCode: 1,
    finished: true,
    environment,
    phases,
    checks,
    counts: countsOf(checks),
    errors: [
      {
        at: sampleStart + 96_000,
        code: 'GAUNTLET_PEER',
        message: 'Waited 30.0 s for the control API of peer ratelimit at 198.18.0.23:9000; last answer: connection refused',
        hint: 'Read its log with: gauntlet cluster kubectl logs -n gauntlet-peers deploy/ratelimit',
      },
    ],
    ...changes,
  };
}

/** A run in which everything held. */
export function samplePass(): RunDocument {
  const passed = checks.filter((result) => result.verdict === 'pass');
  return sampleRun({ verdict: 'pass', exitCode: 0, checks: passed, counts: countsOf(passed), errors: [], phases: phases.map((phase) => ({ ...phase, outcome: 'ok' })) });
}

function underSabotage(id: string, sabotage: string, breaks: string, changes: Partial<ExecutionResult> = {}): ExecutionResult {
  return execution(`${id}@${sabotage}`, {
    sabotage,
    verdict: 'pass',
    proof: 'proven',
    durationMs: 6_100,
    failure: { expectation: breaks, expected: '403, 0 arrivals at echo', actual: '200, 1 arrival at echo', attempts: 12, pattern: 'all 12 attempts alike', notes: [], reproduce: [] },
    ...changes,
  });
}

/** A `prove`: every outcome of a sabotage. */
export function sampleProof(): RunDocument {
  const proved: readonly CheckResult[] = [
    check('extauth-allow-deny', 'The auth server decides: allowed requests arrive, denied ones never do', 'auth.extauth', {
      executions: [
        execution('extauth-allow-deny', { durationMs: 4_120, converged: { 'denied before the backend': 1_210 } }),
        underSabotage('extauth-allow-deny', 'subject-left-out', 'denied before the backend'),
        underSabotage('extauth-allow-deny', 'server-says-yes', 'denied before the backend'),
      ],
    }),
    check('apikey-header', 'A request without a valid API key in the header is denied', 'auth.apikey', {
      verdict: 'fail',
      executions: [
        execution('apikey-header', { durationMs: 2_710, converged: { 'denied before the backend': 655 } }),
        underSabotage('apikey-header', 'subject-left-out', 'denied before the backend'),
        execution('apikey-header@key-in-query', { sabotage: 'key-in-query', verdict: 'fail', proof: 'survived', durationMs: 2_650, reason: 'the check stayed green under "key-in-query"' }),
      ],
    }),
    check('mtls-valid-only', 'Only a client certificate of the configured CA completes the handshake', 'tls.client-certificates', {
      verdict: 'fail',
      executions: [
        execution('mtls-valid-only', { durationMs: 5_330 }),
        underSabotage('mtls-valid-only', 'ca-swapped', 'handshake completes', {
          verdict: 'fail',
          proof: 'broke-elsewhere',
          reason: 'the sabotage should break "handshake refused", but "handshake completes" failed',
        }),
        execution('mtls-valid-only@subject-left-out', { sabotage: 'subject-left-out', verdict: 'could-not-run', proof: 'could-not-run', reason: 'the run was interrupted' }),
      ],
    }),
  ];
  const run = sampleRun().run;
  return sampleRun({ run: { ...run, kind: 'prove', command: 'prove extauth apikey mtls' }, checks: proved, counts: countsOf(proved), errors: [] });
}

/** The upstream suite: one failed and one skipped test. */
export function sampleConformance(): RunDocument {
  const run = sampleRun().run;
  const names = ['GatewayModifyListeners', 'GRPCRouteExactMethodMatching', 'HTTPRouteHeaderMatching', 'HTTPRouteMatching', 'HTTPRouteWeight', 'TLSRouteSimpleSameNamespace'];
  return sampleRun({
    run: { ...run, kind: 'conformance', command: 'conformance', jobs: 1 },
    checks: [],
    counts: countsOf([]),
    errors: [],
    phases: phases.map((phase) => (phase.phase === 'checks' ? { ...phase, phase: 'suite', title: 'Upstream suite v1.4.1' } : phase)),
    conformance: {
      apiVersion: 'v1.4.1',
      report: 'conformance/report.yaml',
      reportSha256: '1a79a4d60de6718e8e5b326e338ae533c1b5a1a2e7ad09e55a0f4a7e0b6f1c22',
      durationMs: 141_000,
      features: { source: 'inferred', supported: ['Gateway', 'GRPCRoute', 'HTTPRoute', 'HTTPRouteBackendTimeout', 'HTTPRoutePathRedirect', 'ReferenceGrant', 'TLSRoute'] },
      profiles: [
        {
          name: 'GATEWAY-HTTP',
          core: { result: 'failure', passed: 32, failed: 1, skipped: 0, failedTests: ['HTTPRouteWeight'], skippedTests: [] },
          extended: { result: 'partial', passed: 25, failed: 0, skipped: 1, failedTests: [], skippedTests: ['HTTPRouteRequestMirror'] },
        },
        { name: 'GATEWAY-GRPC', core: { result: 'success', passed: 13, failed: 0, skipped: 0, failedTests: [], skippedTests: [] } },
      ],
      provisional: ['HTTPRoute303Redirect', 'GatewayFrontendClientCertificateValidation'],
      tests: [
        ...names.map((name, index) =>
          name === 'HTTPRouteWeight'
            ? {
                name,
                result: 'failed' as const,
                durationMs: 14_300,
                log: 'weight.go:83: attempt 10/10: weighted distribution: backend-v1 0.81, wanted 0.70 (tolerance 0.05)\n--- FAIL: TestConformance/HTTPRouteWeight (14.30s)',
              }
            : { name, result: 'passed' as const, durationMs: 900 + index * 733 },
        ),
        { name: 'HTTPRouteRequestMirror', result: 'skipped', durationMs: 0, log: 'feature HTTPRouteRequestMirror is not supported' },
      ],
    },
  });
}

/** The run of {@link sampleRun}, killed before its end. */
export function sampleKilled(): RunDocument {
  const { endedAt: _endedAt, durationMs: _durationMs, ...run } = sampleRun().run;
  const { exitCode: _exitCode, ...rest } = sampleRun({ run, finished: false, verdict: 'incomplete' });
  return rest;
}
