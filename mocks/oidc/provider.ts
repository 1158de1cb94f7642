// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import Provider, { type Configuration, type JWK } from 'oidc-provider';
import { oidcPaths, type ProviderSettings } from './behaviour.ts';
import { memoryStore } from './store.ts';

/** Where a browser is sent to log in; below it the id of the interaction. */
export const loginPath = '/login';

const aDay = 24 * 60 * 60;

let key: JWK | undefined;

/** The signing key of every provider of this process, since making one takes long: RSA, for RS256 is what all clients know (OpenID Connect Core 15.1). */
function signingKey(): JWK {
  key ??= {
    ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
    use: 'sig',
    alg: 'RS256',
    kid: 'gauntlet',
  };
  return key;
}

/**
 * A provider with a record of its own of sessions, codes and tokens. Every client must use PKCE with S256, codes can be used once, and a login is
 * a consent to everything.
 */
export function createProvider({ issuer, clients, accessTokenSeconds, refreshTokens }: ProviderSettings): Provider {
  const configuration: Configuration = {
    adapter: memoryStore(),
    clients: clients.map(({ id, secret, redirectUris, postLogoutRedirectUris }) => ({
      client_id: id,
      client_secret: secret,
      redirect_uris: [...redirectUris],
      post_logout_redirect_uris: [...postLogoutRedirectUris],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'client_secret_post',
    })),
    jwks: { keys: [signingKey()] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      introspection: { enabled: true, allowedPolicy: ownTokens },
      revocation: { enabled: true, allowedPolicy: ownTokens },
      // A browser that comes here wants to log out: it is not asked again.
      rpInitiatedLogout: { enabled: true, logoutSource: submitAtOnce },
    },
    routes: {
      authorization: oidcPaths.authorization,
      token: oidcPaths.token,
      introspection: oidcPaths.introspection,
      revocation: oidcPaths.revocation,
      jwks: oidcPaths.keys,
      userinfo: oidcPaths.userInfo,
      end_session: oidcPaths.endSession,
    },
    ttl: {
      AccessToken: accessTokenSeconds,
      AuthorizationCode: 60,
      IdToken: 3600,
      RefreshToken: aDay,
      Interaction: 3600,
      Session: aDay,
      Grant: aDay,
    },
    issueRefreshToken: () => refreshTokens,
    rotateRefreshToken: true,
    interactions: { url: (_context, interaction) => `${loginPath}/${interaction.uid}` },
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    loadExistingGrant: async ({ oidc }) => {
      const { client, provider, session } = oidc;
      if (client === undefined || session?.accountId === undefined) return undefined;
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope('openid offline_access');
      await grant.save();
      return grant;
    },
    clientBasedCORS: () => false,
    renderError: (context, out) => {
      context.body = out;
    },
  };
  const provider = new Provider(issuer, configuration);
  // It believes what is said of the connection to it, which the server says of its own.
  provider.proxy = true;
  return provider;
}

/** A client may ask for its own tokens only. */
function ownTokens(_context: unknown, client: { readonly clientId: string }, token: { readonly clientId?: string | undefined }): boolean {
  return token.clientId === client.clientId;
}

/** The page with the form that ends a session: a browser with scripts sends it at once. */
function submitAtOnce(context: { body?: unknown }, form: string): void {
  const answer = '<input type="hidden" name="logout" value="yes">';
  context.body = `<!doctype html><title>Logout</title>${form.replace('</form>', `${answer}</form>`)}<script>document.forms[0].submit()</script>`;
}
