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
    prepare: inlineTokens,
  },
  {
    id: 'jwt-remote',
    telling: true,
    title: 'JWT with keys that are fetched',
    feature: 'authentication.jwt',
    cannot: {},
    peer: 'fetches-keys',
    references: ['GatewayExtension'],
    prepare: remoteTokens,
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

/** Tokens of an issuer, and of one who calls himself the same and has other keys. */
async function tokens() {
  const [issuer, attacker] = await Promise.all([tokenIssuer(issuerName), tokenIssuer(issuerName)]);
  const who = { subject: 'alice', audience: 'gauntlet' };
  const [token, forged] = await Promise.all([issuer.mint(who), attacker.mint(who)]);
  const intent = (keys: policy.JwtProvider['jwks'], ...more: readonly string[]) =>
    policy.jwt({ issuer: issuerName, audiences: ['gauntlet', ...more], jwks: keys });
  return { issuer, attacker, intent, requests: { anonymous: {}, wrong: bearer(forged), allowed: bearer(token) } };
}

async function inlineTokens(): Promise<PreparedPolicy> {
  const { issuer, attacker, intent, requests } = await tokens();
  const keys = jwks([issuer.publicKey]);
  return { ...requests, intent: intent(keys), edited: intent(keys, 'another'), outdated: intent(jwks([attacker.publicKey])) };
}

/** With keys that may be kept for a second only. */
async function remoteTokens({ keyServer }: Stage): Promise<PreparedPolicy> {
  const { issuer, attacker, intent, requests } = await tokens();
  const publish = (key: object) => keyServer.program({ sets: { '/jwks.json': [key] } });
  const restore = () => publish(issuer.publicKey);
  await restore();
  const over = (scheme: 'http' | 'https') => ({ server: keyServer.service, path: '/jwks.json', scheme, cacheFor: seconds(1) });
  return {
    ...requests,
    intent: intent(over('http')),
    edited: intent(over('http'), 'another'),
    overTls: intent(over('https')),
    server: { peer: keyServer, restore, letThemPass: () => publish(attacker.publicKey) },
  };
}
