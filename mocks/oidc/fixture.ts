// SPDX-License-Identifier: Apache-2.0
import { providersAuthority, trustInProvider } from '../../fixtures/openid/trust.ts';
import type { IdentityProvider, RelyingParty } from '../../fixtures/openid/identity-provider.ts';
import type { CheckContext } from '../../harness/check/check.ts';
import type { Resource } from '../../harness/kube/kube.ts';
import { peer, type PeerFixture } from '../peers.ts';
import { oidcPaths, type OidcEndpoint, type OidcProgram } from './behaviour.ts';

/** The peer `oidc`: an OpenID provider over TLS that the gateway trusts and whose user logs in without being asked. */
export interface OidcProvider extends Omit<PeerFixture<OidcProgram>, 'program' | 'service'>, IdentityProvider {
  /** Behaves like this from the next request on. The issuer and the clients stay as they are. */
  behave(behaviour: Omit<OidcProgram, 'issuer' | 'clients'>): Promise<void>;
  /** Whether a token is one that it gave to a client and that is still valid (RFC 7662). */
  isActive(token: string, client: RelyingParty): Promise<boolean>;
  /** How often an endpoint was asked. */
  calls(endpoint: OidcEndpoint): Promise<number>;
}

const open = peer<OidcProgram>({ name: 'oidc', kind: 'oidc' });

/** The same that `hostname('login')` gives: it has to be known from the namespace alone. */
const hostIn = (namespace: string): string => `login.${namespace}.test`;

const trust = (namespace: string): Promise<readonly Resource[]> => trustInProvider('oidc', hostIn(namespace), namespace);

async function start(context: CheckContext): Promise<OidcProvider> {
  await context.apply(...(await trust(context.namespace)));
  const instance = await open(context);
  const host = hostIn(context.namespace);
  const issuer = `https://${host}`;
  const vouching = await providersAuthority();
  await instance.serveTls({ ...(await vouching.issue({ name: host, usage: 'server' })), alpn: ['http/1.1'] });
  let behaviour: OidcProgram = { issuer };
  await instance.program(behaviour);
  return {
    ...instance,
    host,
    issuer,
    endpoints: {
      authorization: `${issuer}${oidcPaths.authorization}`,
      token: `${issuer}${oidcPaths.token}`,
      endSession: `${issuer}${oidcPaths.endSession}`,
    },
    authority: vouching,
    user: { name: 'alice' },
    knows: (...clients) => {
      behaviour = {
        ...behaviour,
        clients: clients.map(({ id, secret, redirectUris, postLogoutRedirectUris = [] }) => ({
          id,
          secret,
          redirectUris: [...redirectUris],
          postLogoutRedirectUris: [...postLogoutRedirectUris],
        })),
      };
      return instance.program(behaviour);
    },
    behave: (changes) => {
      behaviour = { issuer, clients: behaviour.clients ?? [], ...changes };
      return instance.program(behaviour);
    },
    isActive: async (token, { id, secret }) => {
      const { response } = await context.probe.send(instance.endpoint, {
        method: 'POST',
        path: oidcPaths.introspection,
        host,
        tls: {},
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ token, client_id: id, client_secret: secret }).toString(),
      });
      return (JSON.parse(response?.body ?? '{}') as { readonly active?: boolean }).active === true;
    },
    calls: async (endpoint) => (await instance.arrivals()).filter(({ path }) => path.split('?')[0] === oidcPaths[endpoint]).length,
  };
}

/** The fixture `oidc`. */
export const oidc = Object.assign(start, {
  announce: async (namespace: string) => [...(await trust(namespace)), ...((await open.announce?.(namespace)) ?? [])],
});
