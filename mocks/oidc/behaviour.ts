// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

/** Where each endpoint lies below the issuer. */
export const oidcPaths = {
  discovery: '/.well-known/openid-configuration',
  authorization: '/auth',
  token: '/token',
  introspection: '/token/introspection',
  revocation: '/token/revocation',
  keys: '/jwks',
  userInfo: '/me',
  endSession: '/session/end',
} as const;

/** An endpoint of a provider. */
export type OidcEndpoint = keyof typeof oidcPaths;

const endpoints = Object.keys(oidcPaths) as [OidcEndpoint, ...OidcEndpoint[]];

const answerSchema = z.strictObject({
  /** This status and nothing else in place of the endpoint's answer; what it would have done is not done. */
  status: z.int().min(400).max(599).exactOptional(),
  /** Before anything is done; none by default. */
  delayMs: z.int().min(0).max(3_600_000).default(0),
});

/** What a provider is: whom it knows, and whom it takes for whom. */
const providerSchema = z.strictObject({
  /** Its name, and the origin of its endpoints. */
  issuer: z.url({ protocol: /^https?$/ }).default('https://issuer.gauntlet.test'),
  /** Clients that may ask for a login; each authenticates with its secret, in the body of a token request. */
  clients: z
    .array(
      z.strictObject({
        id: z.string().min(1),
        secret: z.string().min(1),
        redirectUris: z.array(z.url()).min(1),
        postLogoutRedirectUris: z.array(z.url()).default([]),
      }),
    )
    .default([]),
  /** How long an access token is valid; an hour by default. */
  accessTokenSeconds: z.int().min(1).max(86_400).default(3600),
  /** Whether a client gets a refresh token with every access token. */
  refreshTokens: z.boolean().default(true),
});

/** How an OpenID provider behaves. */
export const oidcBehaviourSchema = providerSchema.extend({
  /** Who logs in, at once and without a page in between; `null`: the user says no. `alice` by default. */
  user: z.string().min(1).nullable().default('alice'),
  /** Endpoints that do not behave. */
  answers: z.partialRecord(z.enum(endpoints), answerSchema).default({}),
});

/** See {@link providerSchema}. */
export type ProviderSettings = z.infer<typeof providerSchema>;
/** How an OpenID provider behaves, defaults filled in. */
export type OidcBehaviour = z.infer<typeof oidcBehaviourSchema>;
/** How an OpenID provider is programmed: everything may be left out. */
export type OidcProgram = z.input<typeof oidcBehaviourSchema>;
