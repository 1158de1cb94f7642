// SPDX-License-Identifier: Apache-2.0
import type { StreamRequest } from '../../harness/lifecycle/streams.ts';
import { minutes, seconds } from '../../harness/units.ts';
import { basicAuthorization, randomSecret } from '../../fixtures/passwords/passwords.ts';
import * as policy from '../../fixtures/policies/intents.ts';
import type { Outcomes } from '../../fixtures/targets/dialect.ts';
import { jwks, tokenIssuer } from '../../fixtures/tokens/issuer.ts';
import type { ExtAuth, ExtProc } from '../../mocks/peers.ts';

/** Peers that policies ask. */
export interface AskedPeers {
  readonly extAuth: ExtAuth;
  readonly extProc: ExtProc;
}

/** A policy whose price is measured. */
export interface PolicyRow {
  /** Kebab-case; also its route and the first label of its host. */
  readonly id: string;
  readonly title: string;
  /** A row of `suites/features.ts`; a target without it does not have the row. */
  readonly feature: string;
  prepare(peers: AskedPeers, host: string, outcomes: Outcomes): Promise<PricedPolicy> | PricedPolicy;
}

/** A policy with credentials. */
export interface PricedPolicy {
  /** Absent for the row that has none, and shows by how much two of the same differ. */
  readonly intent?: policy.PolicyIntent;
  readonly allowed: Pick<StreamRequest, 'method' | 'headers'>;
  /** Absent where a policy forbids nothing. */
  readonly forbidden?: {
    readonly request: Pick<StreamRequest, 'method' | 'headers'>;
    readonly status: number;
    /** The policy of a route of its own for them; the same route by default. */
    readonly elsewhere?: policy.PolicyIntent;
    /** So many may pass; 0 by default. */
    readonly allowance?: number;
  };
  /** A header of each allowed answer, by which the policy is seen to work. */
  readonly shows?: { readonly header: string; readonly value: string };
}

/** Longer than any answer on a machine at its limit. */
const timeout = seconds(5);
const forAll = 1_000_000_000;

/** Scenario 10 of the performance anchors. */
export const policyRows: readonly PolicyRow[] = [
  { id: 'none-again', title: 'no policy, another route', feature: 'routing.http', prepare: () => ({ allowed: {} }) },
  { id: 'jwt', title: 'JWT, keys in the policy', feature: 'authentication.jwt', prepare: (_, __, outcomes) => tokens(outcomes) },
  {
    id: 'api-key',
    title: 'API key',
    feature: 'authentication.api-key',
    prepare: (_, __, { apiKeyWrong }) => {
      const [alice, nobody] = [randomSecret(), randomSecret()];
      return {
        intent: policy.apiKey({ keys: { alice }, sources: [{ header: 'api-key' }] }),
        allowed: { headers: { 'api-key': alice } },
        forbidden: { request: { headers: { 'api-key': nobody } }, status: apiKeyWrong.status },
      };
    },
  },
  {
    id: 'basic',
    title: 'basic authentication',
    feature: 'authentication.basic',
    prepare: (_, __, { basicAuthRefused }) => {
      const alice = { user: 'alice', password: randomSecret() };
      const authorization = (password: string) => ({ headers: { authorization: basicAuthorization({ ...alice, password }) } });
      return {
        intent: policy.basicAuth(alice),
        allowed: authorization(alice.password),
        forbidden: { request: authorization(randomSecret()), status: basicAuthRefused.status },
      };
    },
  },
  {
    id: 'ext-auth',
    title: 'external authorization, gRPC',
    feature: 'authentication.ext-auth',
    prepare: ({ extAuth }, __, { extAuthDenied }) => ({
      intent: policy.extAuth({ server: extAuth.service, timeout }),
      allowed: { headers: { 'x-ext-authz': 'allow' } },
      forbidden: { request: { headers: { 'x-ext-authz': 'deny' } }, status: extAuthDenied.status },
    }),
  },
  {
    id: 'ext-proc',
    title: 'external processing, gRPC',
    feature: 'traffic.ext-proc',
    prepare: async ({ extProc }) => {
      await extProc.program({ immediate: { at: 'requestHeaders', unless: { header: 'x-ext-proc', equals: 'pass' } } });
      return {
        intent: policy.extProc({ server: extProc.service, timeout }),
        allowed: { headers: { 'x-ext-proc': 'pass' } },
        forbidden: { request: { headers: { 'x-ext-proc': 'stop' } }, status: 403 },
      };
    },
  },
  {
    id: 'rate-limit',
    title: 'local rate limit that is not reached',
    feature: 'traffic.rate-limit',
    prepare: (_, __, { locallyRateLimited }) => ({
      intent: policy.localRateLimit(forAll, seconds(1)),
      allowed: {},
      // A proxy counts anew when it gets other routes, which it does not while it is measured.
      forbidden: { request: {}, status: locallyRateLimited.status, elsewhere: policy.localRateLimit(1, minutes(30)), allowance: 2 },
    }),
  },
  {
    id: 'headers',
    title: 'headers rewritten',
    feature: 'traffic.header-modifiers',
    prepare: () => ({
      intent: policy.headers({ request: { set: { 'x-gauntlet-asked': 'yes' } }, response: { set: { 'x-gauntlet-priced': 'yes' } } }),
      allowed: {},
      shows: { header: 'x-gauntlet-priced', value: 'yes' },
    }),
  },
  {
    id: 'csrf',
    title: 'CSRF protection',
    feature: 'traffic.csrf',
    prepare: (_, host, { csrfRefused }) => {
      const post = (origin: string) => ({ method: 'POST', headers: { origin } });
      return {
        intent: policy.csrf('https://shop.test'),
        allowed: post(`http://${host}`),
        forbidden: { request: post('https://evil.test'), status: csrfRefused.status },
      };
    },
  },
];

/** Tokens of an issuer, and of one who calls himself the same and has other keys; both outlast the scenario. */
async function tokens({ jwtSignatureWrong }: Outcomes): Promise<PricedPolicy> {
  const name = 'https://issuer.gauntlet.test';
  const [issuer, attacker] = await Promise.all([tokenIssuer(name), tokenIssuer(name)]);
  const who = { subject: 'alice', audience: 'gauntlet', expiresIn: minutes(60) };
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
  return {
    intent: policy.jwt({ issuer: name, audiences: ['gauntlet'], jwks: jwks([issuer.publicKey]) }),
    allowed: bearer(await issuer.mint(who)),
    forbidden: { request: bearer(await attacker.mint(who)), status: jwtSignatureWrong.status },
  };
}
