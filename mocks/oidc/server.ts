// SPDX-License-Identifier: Apache-2.0
import { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type Provider from 'oidc-provider';
import { arrivalOf } from '../http/arrival.ts';
import { HttpEndpoint, type HttpRequest, type HttpResponse } from '../http/http-endpoint.ts';
import type { PeerContext, PeerKind, PeerServer } from '../instance/peer-kind.ts';
import { oidcBehaviourSchema, oidcPaths, type OidcBehaviour, type OidcEndpoint } from './behaviour.ts';
import { createProvider, loginPath } from './provider.ts';

/** An OpenID provider: `oidc-provider`, with a user who logs in without being asked. */
export const oidcKind: PeerKind<OidcBehaviour> = {
  behaviour: oidcBehaviourSchema,
  create: (context, behaviour) => new OidcServer(context, behaviour),
};

class OidcServer implements PeerServer<OidcBehaviour> {
  readonly #context: PeerContext;
  readonly #endpoint = new HttpEndpoint((request, response) => this.#answer(request, response));
  #behaviour: OidcBehaviour;
  #provider: Provider;

  constructor(context: PeerContext, behaviour: OidcBehaviour) {
    this.#context = context;
    this.#behaviour = behaviour;
    this.#provider = createProvider(behaviour);
  }

  accept(connection: Duplex): void {
    this.#endpoint.accept(connection);
  }

  program(behaviour: OidcBehaviour): void {
    // Sessions, codes and tokens belong to the provider, and outlive a change that is not about what it is.
    if (identityOf(behaviour) !== identityOf(this.#behaviour)) this.#provider = createProvider(behaviour);
    this.#behaviour = behaviour;
  }

  close(): void {
    this.#endpoint.close();
  }

  async #answer(request: HttpRequest, response: HttpResponse): Promise<void> {
    this.#context.record(arrivalOf(request));
    if (!(request instanceof IncomingMessage) || !(response instanceof ServerResponse))
      throw new Error('this provider speaks HTTP/1.1 only');
    const { pathname } = new URL(request.url ?? '/', 'http://provider');
    const endpoint = endpointAt(pathname);
    const { status, delayMs = 0 } = (endpoint && this.#behaviour.answers[endpoint]) ?? {};
    if (delayMs > 0) {
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      await pause(delayMs, undefined, { signal: gone.signal });
    }
    // The connection is seen here without its TLS; whoever reached this instance did so at the issuer's address.
    const { protocol, host } = new URL(this.#behaviour.issuer);
    Object.assign(request.headers, { 'x-forwarded-proto': protocol.slice(0, -1), 'x-forwarded-host': host });
    if (status !== undefined) response.writeHead(status).end();
    else if (pathname.startsWith(`${loginPath}/`)) await this.#logIn(request, response);
    else await this.#provider.callback()(request, response);
  }

  async #logIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { user } = this.#behaviour;
    const result = user === null ? { error: 'access_denied', error_description: 'The user said no' } : { login: { accountId: user } };
    await this.#provider.interactionFinished(request, response, result);
  }
}

/** What a provider is made from, as text. */
function identityOf({ issuer, clients, accessTokenSeconds, refreshTokens }: OidcBehaviour): string {
  return JSON.stringify({ issuer, clients, accessTokenSeconds, refreshTokens });
}

function endpointAt(pathname: string): OidcEndpoint | undefined {
  return (Object.keys(oidcPaths) as OidcEndpoint[]).find((endpoint) => oidcPaths[endpoint] === pathname);
}
