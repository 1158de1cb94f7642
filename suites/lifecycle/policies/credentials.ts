// SPDX-License-Identifier: Apache-2.0
import { seconds } from '../../../harness/units.ts';
import { basicAuthorization, randomSecret, type Credentials } from '../../../fixtures/passwords/passwords.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { jwks, tokenIssuer } from '../../../fixtures/tokens/issuer.ts';
import type { StreamRequest } from '../../../harness/lifecycle/streams.ts';
import type { PolicyRow, PreparedPolicy } from '../policy-row.ts';
import type { Stage } from '../stage.ts';

const issuerName = 'https://issuer.gauntlet.test';
const bearer = (token: string): StreamRequest => ({ headers: { authorization: `Bearer ${token}` } });
const basic = (user: string, password: string): StreamRequest => ({ headers: { authorization: basicAuthorization({ user, password }) } });

/** Policies that look at what a request carries. */
export const credentialPolicies: readonly PolicyRow[] = [
  {
    id: 'api-key-reference',
    telling: true,
    title: 'API keys in a Secret by name',
    feature: 'authentication.api-key',
    cannot: {},
    references: ['Secret'],
    prepare: () => Promise.resolve(apiKeys({})),
  },
  {
    id: 'api-key-selector',
    title: 'API keys in Secrets by labels',
    feature: 'authentication.api-key',
    cannot: {},
    references: ['Secret'],
    prepare: () => Promise.resolve(apiKeys({ labels: { keys: 'lifecycle' } })),
  },
  {
    id: 'basic-inline',
    title: 'Basic authentication with users in the policy',
    feature: 'authentication.basic',
    cannot: {},
    references: [],
    prepare: () => Promise.resolve(basicUsers((...users) => policy.basicAuth(...users))),
  },
  {
    id: 'basic-secret',
    title: 'Basic authentication with users in a Secret',
    feature: 'authentication.basic',
    cannot: {},
    references: ['Secret'],
    prepare: () => Promise.resolve(basicUsers((...users) => policy.basicAuthFromFile(users))),
  },
  {
    id: 'jwt-inline',
    title: 'JWT with keys in the policy',
    feature: 'authentication.jwt',
    cannot: {},
    references: ['GatewayExtension'],
    prepare: () => tokens(undefined),
  },
  {
    id: 'jwt-remote',
    telling: true,
    title: 'JWT with keys that are fetched',
    feature: 'authentication.jwt',
    cannot: {},
    peer: 'fetches-keys',
    references: ['GatewayExtension'],
    prepare: (stage) => tokens(stage),
  },
];

function apiKeys(store: policy.CredentialStore): PreparedPolicy {
  const [alice, bob, old] = [randomSecret(), randomSecret(), randomSecret()];
  const intent = (keys: Readonly<Record<string, string>>) => policy.apiKey({ keys, store, sources: [{ header: 'api-key' }] });
  return {
    intent: intent({ alice }),
    edited: intent({ alice, bob }),
    outdated: intent({ alice: old }),
    anonymous: {},
    wrong: { headers: { 'api-key': old } },
    allowed: { headers: { 'api-key': alice } },
  };
}

function basicUsers(of: (...users: readonly Credentials[]) => policy.BasicAuthIntent): PreparedPolicy {
  const alice = { user: 'alice', password: randomSecret() };
  const bob = { user: 'bob', password: randomSecret() };
  const old = { user: 'alice', password: randomSecret() };
  return {
    intent: of(alice),
    edited: of(alice, bob),
    outdated: of(old),
    anonymous: {},
    wrong: basic(old.user, old.password),
    allowed: basic('alice', alice.password),
  };
}

/** Inline keys without a stage, else keys that its server publishes and that may be kept for a second only. */
async function tokens(stage: Stage | undefined): Promise<PreparedPolicy> {
  const [issuer, attacker] = await Promise.all([tokenIssuer(issuerName), tokenIssuer(issuerName)]);
  const restore = async (): Promise<void> => {
    await stage?.keyServer.program({ sets: { '/jwks.json': [issuer.publicKey] } });
  };
  await restore();
  const keys =
    stage === undefined ? jwks([issuer.publicKey]) : { server: stage.keyServer.service, path: '/jwks.json', cacheFor: seconds(1) };
  const intent = (audiences: readonly string[], from: typeof keys = keys) => policy.jwt({ issuer: issuerName, audiences, jwks: from });
  const who = { subject: 'alice', audience: 'gauntlet' };
  const [token, forged] = await Promise.all([issuer.mint(who), attacker.mint(who)]);
  return {
    intent: intent(['gauntlet']),
    edited: intent(['gauntlet', 'another']),
    ...(stage === undefined ? { outdated: intent(['gauntlet'], jwks([attacker.publicKey])) } : {}),
    anonymous: {},
    wrong: bearer(forged),
    allowed: bearer(token),
    ...(stage === undefined ? {} : { server: { peer: stage.keyServer, restore } }),
  };
}
