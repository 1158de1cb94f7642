// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, test } from 'vitest';
import { expandStars, readBaseline } from '../../harness/check/baseline.ts';
import type { Resource, ResourceReference } from '../../harness/kube/kube.ts';
import type { Exchange } from '../../harness/probe/exchange.ts';
import { fakeContext } from '../../fixtures/fake-context.ts';
import { gateway } from '../../fixtures/gateway-api/gateway.ts';
import type { LiveGateway } from '../../fixtures/gateways.ts';
import { policies } from '../../fixtures/policies/policies.ts';
import type { OidcProvider } from '../../mocks/oidc/fixture.ts';
import type { PeerFixture } from '../../mocks/peers.ts';
import { features } from '../features.ts';
import { cellExpectations } from './cell.ts';
import { cellResources } from './cell-resources.ts';
import { levels } from './levels.ts';
import type { CellSurroundings, PolicyRow } from './policy-row.ts';
import { idOf } from './selection.ts';
import type { Stage } from './stage.ts';
import { allCells, cellChecks, policyRows } from './table.ts';

const namespace = 'stage';
const host = 'app.test';
const session = ['AccessToken-1=some-token; Secure', 'OauthHMAC-1=sum; Secure', 'OauthExpires-1=1795391878; Secure'];

/** A gateway where everyone who comes is logged in, from when something is applied until something is removed. */
function world() {
  let removedAt = 0;
  const answer = (): Promise<Exchange> => {
    const isServed = applied.length > removedAt;
    const response = { status: isServed ? 200 : 404, headers: isServed ? { 'set-cookie': session } : {}, body: '' };
    return Promise.resolve({ response } as unknown as Exchange);
  };
  const remove = (): Promise<void> => {
    removedAt = applied.length;
    return Promise.resolve();
  };
  const { context, applied } = fakeContext({ kube: { remove }, probe: { send: answer } });
  const definition = gateway('stage')
    .listener({ name: 'http', port: 8080, protocol: 'HTTP' })
    .listener({ name: 'https', port: 8443, protocol: 'HTTPS', certificates: ['gateway'] })
    .inNamespace(namespace);
  const live = { name: 'stage', namespace, resource: definition, endpoint: () => ({ address: '192.0.2.1', port: 8443 }), get: answer };
  const peer = (name: string) =>
    ({ name, service: { name, namespace, port: 8080 }, program: () => Promise.resolve() }) as unknown as PeerFixture<unknown>;
  const oidc = {
    ...peer('oidc'),
    host: 'login.test',
    endpoint: { address: '192.0.2.2', port: 8443 },
    endpoints: { authorization: 'https://login.test/auth', token: 'https://login.test/token', endSession: 'https://login.test/end' },
    user: { name: 'alice' },
    knows: () => Promise.resolve(),
    behave: () => Promise.resolve(),
  } as unknown as OidcProvider;
  const stage = (listener: Stage['listener']): Stage => ({
    namespace,
    gateway: live as unknown as LiveGateway,
    definition,
    listener,
    apply: context.apply,
    openHost: 'open.test',
    abroad: { namespace: 'abroad', echo: peer('echo') },
    echo: peer('echo'),
    extAuth: peer('ext-authz'),
    extAuthHttp: peer('ext-authz-http'),
    extProc: peer('ext-proc'),
    keyServer: peer('jwks'),
    oidc,
    rateLimit: peer('rate-limit'),
  });
  return { context, applied, stage };
}

async function prepared(row: PolicyRow) {
  const { context, stage } = world();
  const own = stage(row.listener ?? 'http');
  const dialect = await policies(context);
  const surroundings: CellSurroundings = { ...context, policies: dialect, signal: new AbortController().signal, host };
  return { context, stage: own, dialect, policy: await row.prepare(own, surroundings) };
}

type Prepared = Awaited<ReturnType<typeof prepared>>;

/** What these let through is the same in every cell; the session of `oidc` is made by the fake gateway. */
const withoutCredentials = new Set(['ext-auth-grpc', 'ext-auth-http', 'ext-proc', 'rate-limit-global', 'rate-limit-local', 'csrf', 'oidc']);

const possible = (row: PolicyRow) => levels.filter((level) => row.cannot[level] === undefined);

test('each cell is there once', () => {
  const ids = allCells().map(idOf);
  expect(new Set(ids).size).toBe(ids.length);
});

test('a cell has a check, or a reason why there is none', () => {
  const reasons = allCells().flatMap(({ cannot }) => (cannot === undefined ? [] : [cannot]));
  expect(cellChecks()).toHaveLength(allCells().length - reasons.length);
  for (const reason of reasons) expect(reason).toMatch(/\w+ \w+/);
});

test('known gaps are of cells that exist, and of what they expect', async () => {
  const entries = await readBaseline(new URL('baseline.yaml', import.meta.url).pathname, 'suites/lifecycle/baseline.yaml');
  expect(expandStars(entries, cellChecks()).length).toBeGreaterThanOrEqual(entries.length);
  for (const { expectation } of entries) expect(Object.values(cellExpectations)).toContain(expectation);
});

describe.each(policyRows)('$id', (row) => {
  test('is of a known feature and can be attached somewhere', () => {
    expect(features.map(({ id }) => id)).toContain(row.feature);
    expect(possible(row)).not.toEqual([]);
  });

  // Twice, as for two cells; once for all tests, since keys take their time.
  let [one, other]: readonly (Prepared | undefined)[] = [];
  const first = (): Prepared => one ?? expect.unreachable('it was not prepared');
  beforeAll(async () => {
    [one, other] = [await prepared(row), await prepared(row)];
  });

  test('forbids requests that differ from each other and from those that it allows', () => {
    const { anonymous, wrong, allowed } = first().policy;
    const requests = [anonymous, wrong, allowed];
    expect(new Set(requests.map((request) => JSON.stringify(request))).size).toBe(3);
    for (const { tls } of requests) expect(tls !== undefined).toBe(row.listener === 'https');
  });

  test('has credentials of its own in each cell, where it has any', () => {
    const isSame = JSON.stringify(first().policy.allowed) === JSON.stringify(other?.policy.allowed);
    expect(isSame).toBe(withoutCredentials.has(row.id));
  });

  test.each(possible(row))('is written on the level %s with what it refers to, and differs when it is edited', (level) => {
    const { context, stage, dialect, policy } = first();
    const resources = cellResources({ context, stage, host, level, policies: dialect, policy });
    const [original, edited] = [resources.rendered(), resources.rendered('edited')];
    const kinds = new Set(original.supporting.map(({ kind }) => kind));
    expect(kinds).toEqual(new Set(row.references));
    expect(edited).not.toEqual(original);
    expect(nameOf(edited.policy)).toBe(nameOf(original.policy));
    if (policy.outdated !== undefined) expect(resources.rendered('outdated')).not.toEqual(original);
  });

  const abroad = allCells().filter(({ policy, event, cannot }) => policy === row && event.id === 'grant-deleted' && cannot === undefined);
  test.each(abroad.map(({ level }) => level))('refers to what is in another namespace on the level %s', (level) => {
    const { context, stage, dialect, policy } = first();
    const { policy: attached, supporting } = cellResources({ context, stage, host, level, policies: dialect, policy }).rendered('abroad');
    expect([attached, ...supporting].some((one) => JSON.stringify(one).includes(`"namespace":"${stage.abroad.namespace}"`))).toBe(true);
  });

  test.each(possible(row))('is opened by force on the level %s whichever policy stands, and put back', async (level) => {
    const { context, stage, dialect, policy } = first();
    const stored = new Map<string, Resource>();
    const apply = (...resources: readonly Resource[]) => {
      for (const one of resources) stored.set(nameOf(one), one);
      return Promise.resolve(resources);
    };
    const put = Object.assign(apply, { subject: apply });
    const kube = { ...context.kube, remove: ({ kind, name }: ResourceReference) => Promise.resolve(void stored.delete(`${kind}/${name}`)) };
    const resources = cellResources({
      context: { ...context, kube, apply: put },
      stage: { ...stage, apply: put },
      host,
      level,
      policies: dialect,
      policy,
    });
    await resources.writePolicy();
    await resources.writeRoutes();
    if (row.isPart !== true) {
      await resources.writePolicy('next');
      await resources.writeRoutes('next');
      await resources.removePolicy();
    }
    const before = new Map(stored);
    const protecting = [...before.values()].filter((one) => /tls.*frontend|targetRefs|extensionRef/s.test(JSON.stringify(one)));
    expect(protecting).not.toEqual([]);

    const putBack = await resources.withoutPolicy();
    for (const one of stored.values()) expect(JSON.stringify(one)).not.toMatch(/tls.*frontend|targetRefs|extensionRef/s);
    expect(stored.has('HTTPRoute/app')).toBe(true);
    await putBack();
    expect(stored).toEqual(before);
  });
});

test('a part of the Gateway goes without taking the Gateway along', async () => {
  const row = policyRows.find(({ id }) => id === 'client-certificate');
  if (row === undefined) throw new Error('no such policy');
  const { context, stage, dialect, policy } = await prepared(row);
  const [written, removed]: [Resource[], string[]] = [[], []];
  const apply = (...resources: readonly Resource[]) => {
    written.push(...resources);
    return Promise.resolve(resources);
  };
  const kube = { ...context.kube, remove: ({ kind }: { readonly kind: string }) => Promise.resolve(void removed.push(kind)) };
  const resources = cellResources({
    context: { ...context, kube },
    stage: { ...stage, apply: Object.assign(apply, { subject: apply }) },
    host,
    level: 'gateway',
    policies: dialect,
    policy,
  });
  await resources.writePolicy();
  expect(written.at(-1)).toHaveProperty('spec.tls.frontend');
  await resources.removePolicy();
  expect(written.at(-1)).not.toHaveProperty('spec.tls');
  await resources.writePolicy();
  await resources.clear();
  expect(written.at(-1)).not.toHaveProperty('spec.tls');
  expect(removed).toEqual(['ConfigMap']);
});

const nameOf = ({ kind, metadata }: Resource): string => `${kind}/${metadata.name}`;
