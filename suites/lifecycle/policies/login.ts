// SPDX-License-Identifier: Apache-2.0
import pWaitFor from 'p-wait-for';
import { GauntletError } from '../../../harness/errors.ts';
import { formatDuration } from '../../../harness/units.ts';
import { Browser, type KeptCookie } from '../../../fixtures/browser/browser.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { logIn, type RelyingParty } from '../../../fixtures/openid/identity-provider.ts';
import { randomSecret } from '../../../fixtures/passwords/passwords.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import type { StreamRequest } from '../../../harness/lifecycle/streams.ts';
import { policyNames, type CellSurroundings, type PolicyRow, type PreparedPolicy } from '../policy-row.ts';
import type { Stage } from '../stage.ts';

/** Policies that let browsers log in. */
export const loginPolicies: readonly PolicyRow[] = [
  {
    id: 'oidc',
    telling: true,
    title: 'Login at an OpenID provider',
    feature: 'authentication.oidc',
    cannot: {},
    peer: 'logs-in',
    references: ['Secret', 'GatewayExtension'],
    listener: 'https',
    prepare: sessions,
  },
];

async function sessions(stage: Stage, cell: CellSurroundings): Promise<PreparedPolicy> {
  const { oidc } = stage;
  const client: RelyingParty = { id: 'gauntlet-lifecycle', secret: randomSecret(), redirectUris: [`https://${cell.host}/oauth2/redirect`] };
  // With a refresh token the gateway may ask the provider for a new session, and it is the provider who decides.
  await oidc.behave({ refreshTokens: false });
  await oidc.knows(client);
  const intent = (logoutPath: string) => policy.oidc({ server: oidc.service, endpoints: oidc.endpoints, client, logoutPath });
  // A session may be for a policy of one name only, and another one may take its place.
  const session: KeptCookie[] = [];
  const forgery: KeptCookie[] = [];
  for (const name of Object.values(policyNames)) {
    const cookies = await sessionOf(intent('/logout'), name, stage, cell);
    session.push(...cookies);
    forgery.push(...forged(cookies));
  }
  return {
    intent: intent('/logout'),
    edited: intent('/sign-out'),
    anonymous: { tls: {} },
    wrong: carrying(forgery),
    allowed: carrying(session),
  };
}

/** Logs in through a route of the cell's host, which is gone afterwards: a session is for a host, whatever the policy is attached to. */
async function sessionOf(intent: policy.OidcIntent, name: string, stage: Stage, cell: CellSurroundings): Promise<readonly KeptCookie[]> {
  const { host, apply, kube, policies, probe, budgets } = cell;
  const { namespace, gateway, listener, oidc, echo } = stage;
  const route = httpRoute('login').on(gateway, listener).host(host).rule({ to: echo.service });
  const rendered = policies.render(intent, route, name);
  const resources = [...rendered.supporting, rendered.policy, route].map((one) => ({ ...one, metadata: { namespace, ...one.metadata } }));
  await apply(...resources);
  const url = `https://${host}/`;
  const cookies = await untilSome(cell, `Nobody could log in at ${url}`, async () => {
    const browser = new Browser(probe, { [host]: gateway.endpoint(listener), [oidc.host]: oidc.endpoint });
    await logIn(browser, oidc, url);
    return browser.cookies(url).filter(({ name }) => policies.outcomes.oidcSessionCookies.test(name));
  });
  for (const one of resources.toReversed()) await kube.remove(referenceTo(one, namespace), { wait: budgets.peer });
  await untilSome(cell, `${url} is still served after its route was deleted`, async () => {
    const { response } = await gateway.get('/', { host, tls: {} }, listener);
    return response?.status === 404 ? [response] : [];
  });
  return cookies;
}

function untilSome<T>({ budgets, signal }: CellSurroundings, failure: string, look: () => Promise<readonly T[]>): Promise<readonly T[]> {
  const message = new GauntletError('GAUNTLET_TIMEOUT', `${failure}, for ${formatDuration(budgets.traffic)}`, {
    hint: 'The evidence has each request. A slow machine can be given more time with --budget traffic=SECONDS.',
  });
  const found = async () => {
    const seen = await look();
    return seen.length > 0 && pWaitFor.resolveWith(seen);
  };
  return pWaitFor(found, { interval: 100, timeout: { milliseconds: budgets.traffic.ms, message }, signal });
}

const carrying = (cookies: readonly KeptCookie[]): StreamRequest => ({
  tls: {},
  headers: { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') },
});

/** The same session with one letter changed in what is longest, which is a token. */
function forged(session: readonly KeptCookie[]): readonly KeptCookie[] {
  const length = Math.max(...session.map(({ value }) => value.length));
  return session.map((cookie) => {
    const { value } = cookie;
    if (value.length < length) return cookie;
    const middle = Math.floor(length / 2);
    return { ...cookie, value: `${value.slice(0, middle)}${value[middle] === 'A' ? 'B' : 'A'}${value.slice(middle + 1)}` };
  });
}
