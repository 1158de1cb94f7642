// SPDX-License-Identifier: Apache-2.0
import { Agent, request } from 'undici';
import { z } from 'zod';
import type { RelyingParty } from '../../fixtures/openid/identity-provider.ts';
import { GauntletError, messageOf } from '../../harness/errors.ts';

/** Where Keycloak is, and how to be its administrator. */
export interface KeycloakAdminOptions {
  readonly address: string;
  readonly port: number;
  readonly host: string;
  /** PEM of the authority of its certificate. */
  readonly ca: string;
  readonly password: string;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Keycloak's own administration API, as far as checks need it. */
export class KeycloakAdmin implements AsyncDisposable {
  readonly #options: KeycloakAdminOptions;
  readonly #agent: Agent;

  constructor(options: KeycloakAdminOptions) {
    this.#options = options;
    this.#agent = new Agent({ connect: { ca: options.ca, servername: options.host } });
  }

  /** Whether it answers yet. */
  async isUp(): Promise<boolean> {
    return this.#send('GET', '/realms/master').then(
      ({ status }) => status === 200,
      () => false,
    );
  }

  /**
   * Makes a realm with one user and these clients, all of whom must use PKCE; one of the same name goes first.
   *
   * @throws GauntletError `GAUNTLET_PEER`
   */
  async makeRealm(
    realm: string,
    user: { readonly name: string; readonly password: string },
    clients: readonly RelyingParty[],
  ): Promise<void> {
    await this.removeRealm(realm);
    await this.#administer('POST', '/admin/realms', {
      realm,
      enabled: true,
      users: [
        {
          username: user.name,
          enabled: true,
          // Without these it would ask for them at the first login.
          firstName: user.name,
          lastName: 'Gauntlet',
          email: `${user.name}@gauntlet.test`,
          emailVerified: true,
          credentials: [{ type: 'password', value: user.password, temporary: false }],
        },
      ],
      clients: clients.map(({ id, secret, redirectUris, postLogoutRedirectUris = [] }) => ({
        clientId: id,
        secret,
        protocol: 'openid-connect',
        publicClient: false,
        standardFlowEnabled: true,
        redirectUris,
        attributes: { 'pkce.code.challenge.method': 'S256', 'post.logout.redirect.uris': postLogoutRedirectUris.join('##') },
      })),
    });
  }

  /** Removes a realm, if there is one of this name. */
  async removeRealm(realm: string): Promise<void> {
    await this.#administer('DELETE', `/admin/realms/${realm}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }

  async #administer(method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<void> {
    const what = `${method} ${path} at Keycloak`;
    const { status, body: answer } = await this.#asAdmin(method, path, body).catch((error: unknown) => {
      throw new GauntletError('GAUNTLET_PEER', `${what} got no answer: ${messageOf(error)}`, {
        hint: 'Its log is in the evidence.',
        cause: error,
      });
    });
    if (status < 300 || (method === 'DELETE' && status === 404)) return;
    throw new GauntletError('GAUNTLET_PEER', `${what} was refused with ${status}: ${answer}`, { hint: 'Its log is in the evidence.' });
  }

  /** A token of its own for each call: they last a minute. */
  async #asAdmin(method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer> {
    const grant = { grant_type: 'password', client_id: 'admin-cli', username: 'admin', password: this.#options.password };
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const login = await this.#send('POST', '/realms/master/protocol/openid-connect/token', new URLSearchParams(grant).toString(), form);
    const { access_token: token } = z.object({ access_token: z.string() }).parse(JSON.parse(login.body));
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return this.#send(method, path, body === undefined ? undefined : JSON.stringify(body), headers);
  }

  async #send(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const { address, port, host } = this.#options;
    const answer = await request(`https://${address}:${port}${path}`, {
      dispatcher: this.#agent,
      method,
      headers: { host, ...headers },
      ...(body === undefined ? {} : { body }),
    });
    return { status: answer.statusCode, body: await answer.body.text() };
  }
}
