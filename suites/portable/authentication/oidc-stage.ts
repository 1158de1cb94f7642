// SPDX-License-Identifier: Apache-2.0
import { Browser, redirectOf, type Visit } from '../../../fixtures/browser/browser.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import type { LiveGateway } from '../../../fixtures/gateways.ts';
import type { IdentityProvider, RelyingParty } from '../../../fixtures/openid/identity-provider.ts';
import { randomSecret } from '../../../fixtures/passwords/passwords.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import type { Policies } from '../../../fixtures/policies/policies.ts';
import type { CheckContext } from '../../../harness/check/check.ts';
import { Mismatch } from '../../../harness/check/expect.ts';
import { denied } from '../../../harness/check/matchers.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import type { ArrivalRecorder } from '../../../harness/probe/exchange.ts';
import type { Echo } from '../../../mocks/peers.ts';

/** Path on which a gateway takes the browser back when it is told no other. */
export const callbackPath = '/oauth2/redirect';

/** What of a check's context a stage is built with. */
export interface StageContext extends Pick<CheckContext, 'apply' | 'expect' | 'hostname' | 'probe'> {
  readonly secureGateway: LiveGateway;
  readonly echo: Echo;
  readonly policies: Policies;
}

/** How a stage differs from the plain one. */
export interface StageOptions {
  /** Tells the hosts and objects of several stages of one check apart. */
  readonly label?: string;
  /** The secret that the provider knows, where it is another than the gateway's. */
  readonly secretAtProvider?: string;
  /** Changes to the policy. */
  readonly policy?: Partial<policy.OidcIntent>;
}

/** An application behind the gateway that only browsers with a login reach. */
export interface Stage {
  readonly host: string;
  /** Where the provider sends browsers back to. */
  readonly redirectUri: string;
  readonly client: RelyingParty;
  readonly intent: policy.OidcIntent;
  readonly route: Resource;
  /** Address of a path of the application. */
  url(path?: string): string;
  /** A browser that has never been anywhere. */
  browser(): Browser;
}

/** A stage without its policy: the provider knows the gateway, and the route is not applied yet. */
export async function prepareStage(context: StageContext, provider: IdentityProvider, options: StageOptions = {}): Promise<Stage> {
  const { hostname, probe, secureGateway, echo } = context;
  const name = options.label ?? 'app';
  const host = hostname(options.label);
  const redirectUri = `https://${host}${callbackPath}`;
  const client: RelyingParty = {
    id: `gauntlet-${name}`,
    secret: randomSecret(),
    redirectUris: [redirectUri],
    postLogoutRedirectUris: [`https://${host}/`],
  };
  await provider.knows({ ...client, secret: options.secretAtProvider ?? client.secret });
  return {
    host,
    redirectUri,
    client,
    intent: policy.oidc({ server: provider.service, endpoints: provider.endpoints, client, ...options.policy }),
    route: httpRoute(name).on(secureGateway).host(host).rule({ to: echo.service }),
    url: (path = '/') => `https://${host}${path}`,
    browser: () => new Browser(probe, { [host]: secureGateway.endpoint(), [provider.host]: provider.endpoint }),
  };
}

/** What holds of every stage that is built; broken where the policy is left out. */
export const anonymous = 'a browser without a session is sent to the provider, and the backend does not see it';

/**
 * A stage with everything applied, the policy as the subject of the check, and in force: a route may be served for a moment before its policy is,
 * and a browser that gets through meanwhile has logged in nowhere.
 */
export async function buildStage(context: StageContext, provider: IdentityProvider, options: StageOptions = {}): Promise<Stage> {
  const stage = await prepareStage(context, provider, options);
  await context.policies.apply(stage.intent, stage.route, options.label);
  await context.apply(stage.route);
  await context.expect.eventually(`${anonymous}${options.label === undefined ? '' : ` (${options.label})`}`, async () => {
    await sentToLogIn(await stage.browser().visit(stage.url()), provider, context.echo);
  });
  return stage;
}

/**
 * Holds when the gateway sent a browser to the provider to log in, and nobody saw the request.
 *
 * @throws Mismatch otherwise.
 * @returns the address at the provider.
 */
export async function sentToLogIn(visit: Visit, provider: IdentityProvider, before: ArrivalRecorder): Promise<URL> {
  await denied(visit.exchange, { status: 302, before });
  const to = redirectOf(visit);
  if (to !== undefined && `${to.origin}${to.pathname}` === provider.endpoints.authorization) return to;
  throw new Mismatch(
    `a redirect to ${provider.endpoints.authorization}`,
    `a redirect to ${to?.origin ?? ''}${to?.pathname ?? 'nowhere'}`,
    visit.exchange,
  );
}

/** The last of several visits: where the browser ended up. */
export function endOf(visits: readonly [Visit, ...Visit[]]): Visit {
  return visits.at(-1) ?? visits[0];
}
