// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Resource } from '../../kube/kube.ts';
import type { CheckEnded, EvidenceGathered } from '../../run/events.ts';
import { createEngine } from '../engine.ts';
import { denied } from '../matchers.ts';
import { fakeEndpoint } from '../testing/fake-gateway.ts';
import { sampleCheck, sampleEngine } from '../testing/sample.ts';

const apiKey = 'k-4711-alice';
const labels = { 'gateway.networking.k8s.io/gateway-name': 'shared' };

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'gauntlet-evidence-'))));
afterEach(() => rmSync(directory, { recursive: true }));

const route: Resource = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { name: 'app' },
  spec: { parentRefs: [{ name: 'shared', namespace: 'gauntlet-r1' }] },
  status: {
    parents: [
      {
        parentRef: { name: 'shared' },
        conditions: [{ type: 'Accepted', status: 'False', reason: 'RouteRuleReplaced', message: `key ${apiKey}` }],
      },
    ],
  },
};

/** A world with a controller, a shared Gateway and its proxy, in which a check fails that sends a secret. */
async function failingCheck(prepare: (world: ReturnType<typeof sampleEngine>) => void = () => undefined) {
  const world = sampleEngine(directory);
  const { kube, gateway, events } = world;
  const pod = (name: string, namespace: string, own: Record<string, string>): Resource => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: own },
  });
  const present: Resource[] = [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'kgateway', namespace: 'kgateway-system' },
      spec: { selector: { matchLabels: { app: 'kgateway' } } },
    },
    pod('kgateway-1', 'kgateway-system', { app: 'kgateway' }),
    pod('shared-1', 'gauntlet-r1', labels),
    { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', metadata: { name: 'shared', namespace: 'gauntlet-r1' } },
  ];
  for (const object of present) await kube.apply(object);
  kube.podLogs.set('kgateway-1', `info started\nerror policy invalid for ${apiKey}\ninfo done\n`);
  kube.podLogs.set('shared-1', `[warning] rejected ${apiKey}\n`);
  gateway.treat = () => ({ status: 200, reaches: true });
  prepare(world);
  const check = sampleCheck(async ({ apply, attach, expect: expecting, probe, hostname }) => {
    await apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys' }, stringData: { alice: apiKey } }, route);
    attach('Metric', `rejects_total{key="${apiKey}"} 1`);
    const request = {
      host: hostname(),
      path: '/admin',
      headers: { 'x-api-key': apiKey },
      tls: { ca: 'CA PEM', certificate: 'CERT PEM', key: 'PRIVATE PEM' },
    };
    await expecting.now('denied', async () => denied(await probe.send(fakeEndpoint, request), { status: 401, before: gateway }));
  });
  await createEngine(world.options).execute(check, { execution: 'extauth-deny#2', repetition: 2 }, new AbortController().signal);
  const evidence = events.filter((event): event is EvidenceGathered => event.type === 'evidence');
  const { failure } = events.find((event): event is CheckEnded => event.type === 'check-ended') ?? {};
  return { evidence, failure, kube, events };
}

const textOf = (evidence: readonly EvidenceGathered[], name: string): string => {
  const piece = evidence.find((one) => one.file.endsWith(`/${name}`));
  if (!piece) throw new Error(`no ${name} among ${evidence.map((one) => one.file).join(', ')}`);
  return readFileSync(join(directory, piece.file), 'utf8');
};

test('evidence comes from both ends and from between', async () => {
  const { evidence } = await failingCheck();
  expect(evidence.map(({ side, file }) => `${side} ${file}`).toSorted()).toEqual(
    [
      'api checks/extauth-deny-2/manifest.yaml',
      'api checks/extauth-deny-2/objects.yaml',
      'check checks/extauth-deny-2/attachment-1.txt',
      'client checks/extauth-deny-2/exchanges.json',
      'controller checks/extauth-deny-2/kgateway-1.log',
      'gateway checks/extauth-deny-2/shared-1-config.json',
      'gateway checks/extauth-deny-2/shared-1.log',
      'peer checks/extauth-deny-2/arrivals-echo.json',
    ].toSorted(),
  );
  const kinds = parseAllDocuments(textOf(evidence, 'objects.yaml')).map((document) => String(document.getIn(['kind'])));
  expect(kinds).toEqual(['Secret', 'HTTPRoute', 'Gateway']);
  expect(JSON.parse(textOf(evidence, 'exchanges.json'))).toMatchObject([
    { id: 'x1', request: { path: '/admin' }, response: { status: 200 } },
  ]);
  expect(JSON.parse(textOf(evidence, 'arrivals-echo.json'))).toMatchObject([{ id: 'x1', path: '/admin' }]);
});

test('the page gets what tells most: bad conditions, then complaints of the controller', async () => {
  const { failure } = await failingCheck();
  expect(failure?.notes).toEqual([
    { title: 'status', text: 'HTTPRoute/app parent shared Accepted=False (RouteRuleReplaced): key <redacted>' },
    { title: 'log', text: 'kgateway error policy invalid for <redacted>' },
  ]);
});

test('no secret is in any report, event or evidence; only the files for the reproducer hold them, for their owner alone', async () => {
  const { events } = await failingCheck();
  expect(JSON.stringify(events)).not.toContain(apiKey);
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const leaking = files.filter((file) => /k-4711-alice|PRIVATE PEM/.test(readFileSync(join(file.parentPath, file.name), 'utf8')));
  expect(leaking.map((file) => file.name).toSorted()).toEqual(['client-key.pem', 'header-x-api-key', 'secrets.yaml']);
  expect(leaking.every((file) => file.parentPath.endsWith('test-only-keys'))).toBe(true);
  expect(leaking.map((file) => statSync(join(file.parentPath, file.name)).mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
  expect(statSync(leaking[0]?.parentPath ?? '').mode & 0o777).toBe(0o700);
});

test('the commands that show it again read the secrets from those files', async () => {
  const { failure } = await failingCheck();
  const [, applied = '', request = ''] = failure?.reproduce ?? [];
  expect(applied).toMatch(/^kubectl apply -f \S+\/manifest\.yaml -f \S+\/test-only-keys\/secrets\.yaml$/);
  expect(request).toMatch(/--cacert \S+\/test-only-keys\/ca\.pem --cert \S+\/client\.pem --key \S+\/client-key\.pem/);
  expect(request).toMatch(/-H @\S+\/test-only-keys\/header-x-api-key/);
});

test('evidence that cannot be had is said to be missing, and takes nothing from the rest', async () => {
  const { evidence, failure } = await failingCheck(({ kube, gateway }) => {
    kube.podLogs.delete('shared-1');
    kube.list = () => new Promise(() => undefined);
    let asked = 0;
    gateway.onAsked = () => {
      asked += 1;
      if (asked > 1) throw new Error('the echo is gone');
    };
  });
  expect(failure?.actual).toBe('200, 1 arrival at echo');
  expect(textOf(evidence, 'missing-objects-of-the-check.txt')).toBe('it took longer than 10.0 s\n');
  expect(textOf(evidence, 'missing-traffic.txt')).toBe('the echo is gone\n');
  expect(textOf(evidence, 'attachment-1.txt')).toBe('rejects_total{key="<redacted>"} 1');
});

test('a pod without a log costs that log alone', async () => {
  const { evidence } = await failingCheck(({ kube }) => void kube.podLogs.delete('shared-1'));
  expect(textOf(evidence, 'shared-1.log')).toBe('could not be had: container of shared-1 is waiting to start\n');
  expect(textOf(evidence, 'shared-1-config.json')).toContain('shared-1');
});

test('what others made in the namespace is shown, and conditions that are well when false are no complaint', async () => {
  const conditions = ['Conflicted', 'AttachedListenerSets', 'Programmed'].map((type) => ({
    type,
    status: 'False',
    reason: `${type}Reason`,
    message: '',
  }));
  const { evidence, failure } = await failingCheck(({ kube, events }) => {
    const apply = kube.apply.bind(kube);
    void apply({ apiVersion: 'v1', kind: 'Gateway', metadata: { name: 'shared', namespace: 'gauntlet-r1' }, status: { conditions } });
    // A controller that makes a Service beside every route.
    kube.apply = async (resource) => {
      const started = events.find((event) => event.type === 'check-started');
      if (resource.kind === 'HTTPRoute')
        await apply({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'made', namespace: started?.namespace ?? '' } });
      return apply(resource);
    };
  });
  expect(textOf(evidence, 'namespace.yaml')).toContain('name: made');
  const ofGateway = failure?.notes.map((note) => note.text).filter((text) => text.startsWith('Gateway/'));
  expect(ofGateway).toEqual(['Gateway/shared Programmed=False (ProgrammedReason)']);
});

test('the request that failed is shown, however many came after it', async () => {
  const world = sampleEngine(directory);
  world.gateway.treat = ({ path }) => (path === '/through' ? { status: 200, reaches: true } : { status: 401 });
  const check = sampleCheck(async ({ expect: expecting, probe }) => {
    const through = await probe.send(fakeEndpoint, { path: '/through' });
    for (let sent = 0; sent < 600; sent += 1) await probe.send(fakeEndpoint, { path: `/${sent}` });
    for (let arrived = 0; arrived < 600; arrived += 1) world.gateway.arrive(`other-${arrived}`);
    await expecting.now('denied', () => denied(through, { status: 401, before: world.gateway }));
  });
  await createEngine(world.options).execute(check, { execution: 'extauth-deny' }, new AbortController().signal);
  const evidence = world.events.filter((event): event is EvidenceGathered => event.type === 'evidence');
  const exchanges = JSON.parse(textOf(evidence, 'exchanges.json')) as readonly { readonly id: string }[];
  const arrivals = JSON.parse(textOf(evidence, 'arrivals-echo.json')) as readonly { readonly id: string }[];
  expect([exchanges.length, exchanges[0]?.id, exchanges.at(-1)?.id]).toEqual([501, 'x1', 'x601']);
  expect([arrivals.length, arrivals[0]?.id]).toEqual([501, 'x1']);
});
