// SPDX-License-Identifier: Apache-2.0
import * as oidc from 'openid-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Browser } from '../../fixtures/browser/browser.ts';
import { createProbe } from '../../harness/probe/client.ts';
import { seconds } from '../../harness/units.ts';
import { Instance } from '../instance/instance.ts';
import { oidcPaths, type OidcEndpoint, type OidcProgram } from './behaviour.ts';
import { oidcKind } from './server.ts';

/* The client is openid-client, certified and written elsewhere: what it accepts is an OpenID provider. */

const redirectUri = 'https://app.test/callback';
const afterLogout = 'https://app.test/bye';
const client = { id: 'app', secret: 'a secret', redirectUris: [redirectUri], postLogoutRedirectUris: [afterLogout] };

let provider: Instance;
let probe: ReturnType<typeof createProbe>;
let browser: Browser;
let settings: OidcProgram;

beforeEach(async () => {
  provider = await Instance.open(oidcKind, {}, { name: 'oidc', address: '127.0.0.1', ports: () => 0 });
  settings = { issuer: `http://127.0.0.1:${provider.port}`, clients: [client] };
  provider.program(settings);
  probe = createProbe({ timeout: seconds(5) });
  browser = new Browser(probe, { [`127.0.0.1:${provider.port}`]: { address: '127.0.0.1', port: provider.port } });
});

afterEach(async () => {
  await probe[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

function discover(secret = client.secret): Promise<oidc.Configuration> {
  return oidc.discovery(new URL(settings.issuer ?? ''), client.id, undefined, oidc.ClientSecretPost(secret), {
    // Marked as deprecated to make it stand out; there is no TLS on this machine's own loopback.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    execute: [oidc.allowInsecureRequests],
  });
}

interface Login {
  /** Where the browser ended up: at the client, with a code or an error. */
  readonly callback: URL;
  readonly checks: oidc.AuthorizationCodeGrantChecks & { readonly pkceCodeVerifier: string };
}

async function logIn(config: oidc.Configuration): Promise<Login> {
  const checks = { pkceCodeVerifier: oidc.randomPKCECodeVerifier(), expectedState: oidc.randomState(), expectedNonce: oidc.randomNonce() };
  const start = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'openid',
    code_challenge: await oidc.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
  });
  return { callback: await sentTo('app.test', start), checks };
}

/** Follows redirects up to the one that leaves for a host. */
async function sentTo(host: string, start: URL): Promise<URL> {
  let found: URL | undefined;
  await browser.follow(start.href, (next) => {
    if (next.host === host) found = next;
    return next.host === host;
  });
  return found ?? expect.fail(`the browser was not sent to ${host}`);
}

const callsOf = (endpoint: OidcEndpoint): number =>
  provider.arrivals().filter(({ path }) => path.split('?')[0] === oidcPaths[endpoint]).length;

describe('a client that nobody here wrote', () => {
  it('logs a user in', async () => {
    const config = await discover();
    const { callback, checks } = await logIn(config);
    const tokens = await oidc.authorizationCodeGrant(config, callback, checks);
    expect(tokens.claims()).toMatchObject({ sub: 'alice', iss: settings.issuer, aud: client.id });
    await expect(oidc.fetchUserInfo(config, tokens.access_token, 'alice')).resolves.toEqual({ sub: 'alice' });
    await expect(oidc.tokenIntrospection(config, tokens.access_token)).resolves.toMatchObject({ active: true, client_id: client.id });
    expect(tokens.expires_in).toBe(3600);
  });

  it('gets new tokens for a refresh token, and none for one that was used', async () => {
    const config = await discover();
    const { callback, checks } = await logIn(config);
    const first = await oidc.authorizationCodeGrant(config, callback, checks);
    const second = await oidc.refreshTokenGrant(config, first.refresh_token ?? '');
    expect(second.access_token).not.toBe(first.access_token);
    await expect(oidc.refreshTokenGrant(config, first.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it('revokes a token', async () => {
    const config = await discover();
    const { callback, checks } = await logIn(config);
    const { access_token: token } = await oidc.authorizationCodeGrant(config, callback, checks);
    await oidc.tokenRevocation(config, token);
    await expect(oidc.tokenIntrospection(config, token)).resolves.toEqual({ active: false });
  });

  it('logs the user out, so that the next login is a new session', async () => {
    const config = await discover();
    const { callback, checks } = await logIn(config);
    const { id_token: token } = await oidc.authorizationCodeGrant(config, callback, checks);
    const logins = () => provider.arrivals().filter(({ path }) => path.startsWith('/login/')).length;
    await logIn(config);
    expect(logins()).toBe(1);
    const end = oidc.buildEndSessionUrl(config, { id_token_hint: token ?? '', post_logout_redirect_uri: afterLogout });
    const page = await browser.visit(end);
    const [, ...rest] = await browser.follow(await browser.submit(page), (next) => next.host === 'app.test');
    expect(rest).toEqual([]);
    await logIn(config);
    expect(logins()).toBe(2);
  });
});

describe('a login is refused', () => {
  it('without PKCE', async () => {
    const config = await discover();
    const start = oidc.buildAuthorizationUrl(config, { redirect_uri: redirectUri, scope: 'openid' });
    expect((await sentTo('app.test', start)).searchParams.get('error')).toBe('invalid_request');
  });

  it('for a place that is not the client’s', async () => {
    const config = await discover();
    const start = oidc.buildAuthorizationUrl(config, { redirect_uri: 'https://mallory.test/', scope: 'openid' });
    const [{ exchange }] = await browser.follow(start.href);
    expect(exchange.response?.status).toBe(400);
  });

  it('when the user says no', async () => {
    provider.program({ ...settings, user: null });
    const { callback } = await logIn(await discover());
    expect(callback.searchParams.get('error')).toBe('access_denied');
  });

  it.each<[string, (login: Login) => Promise<unknown>]>([
    [
      'with another verifier',
      async ({ callback, checks }) =>
        oidc.authorizationCodeGrant(await discover(), callback, { ...checks, pkceCodeVerifier: oidc.randomPKCECodeVerifier() }),
    ],
    ['with a wrong secret', async ({ callback, checks }) => oidc.authorizationCodeGrant(await discover('another'), callback, checks)],
    [
      'with a code that was used',
      async ({ callback, checks }) => {
        await oidc.authorizationCodeGrant(await discover(), callback, checks);
        return oidc.authorizationCodeGrant(await discover(), callback, checks);
      },
    ],
  ])('%s', async (_, exchangeCode) => {
    await expect(exchangeCode(await logIn(await discover()))).rejects.toMatchObject({
      error: expect.stringMatching(/^invalid_(grant|client)$/) as string,
    });
  });
});

describe('a programmed provider', () => {
  it('counts what came to each endpoint', async () => {
    const config = await discover();
    const { callback, checks } = await logIn(config);
    await oidc.authorizationCodeGrant(config, callback, checks);
    expect([callsOf('discovery'), callsOf('authorization'), callsOf('token'), callsOf('introspection')]).toEqual([1, 1, 1, 0]);
  });

  it('fails at one endpoint, and remembers its codes meanwhile', async () => {
    const config = await discover();
    const { callback, checks } = await logIn(config);
    provider.program({ ...settings, answers: { token: { status: 503 } } });
    await expect(oidc.authorizationCodeGrant(config, callback, checks)).rejects.toMatchObject({ cause: { status: 503 } });
    provider.program(settings);
    await expect(oidc.authorizationCodeGrant(config, callback, checks)).resolves.toHaveProperty('access_token');
  });

  it('gives tokens that are valid for as long as it is told', async () => {
    provider.program({ ...settings, accessTokenSeconds: 2, user: 'bob' });
    const config = await discover();
    const { callback, checks } = await logIn(config);
    const tokens = await oidc.authorizationCodeGrant(config, callback, checks);
    expect(tokens.expires_in).toBe(2);
    expect(tokens.claims()?.sub).toBe('bob');
  });

  it('gives no refresh tokens if it is told not to', async () => {
    provider.program({ ...settings, refreshTokens: false });
    const config = await discover();
    const { callback, checks } = await logIn(config);
    expect((await oidc.authorizationCodeGrant(config, callback, checks)).refresh_token).toBeUndefined();
  });

  it.each([
    { issuer: 'no url' },
    { clients: [{ id: 'a' }] },
    { answers: { nowhere: { status: 500 } } },
    { answers: { token: { status: 200 } } },
  ])('refuses what it cannot be: %j', (behaviour) => expect(() => provider.program(behaviour)).toThrow());
});
