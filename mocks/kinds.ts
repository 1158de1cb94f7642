// SPDX-License-Identifier: Apache-2.0
import { accessLogKind } from './access-log/server.ts';
import { echoKind } from './echo/server.ts';
import { extAuthzHttpKind } from './ext-authz-http/server.ts';
import { extAuthzKind } from './ext-authz/server.ts';
import { extProcKind } from './ext-proc/server.ts';
import { Instance, type InstanceOptions } from './instance/instance.ts';
import { jwksKind } from './jwks/server.ts';
import { llmKind } from './llm/server.ts';
import { oidcKind } from './oidc/server.ts';
import { otelKind } from './otel/server.ts';
import { rateLimitKind } from './rate-limit/server.ts';
import { tcpEchoKind } from './tcp-echo/server.ts';

/** Opens an instance of a kind with a behaviour that is yet to be checked. */
type OpenInstance = (behaviour: unknown, options: InstanceOptions) => Promise<Instance>;

/** Every kind of peer that the image can be. */
export const kinds = {
  'access-log': (behaviour, options) => Instance.open(accessLogKind, behaviour, options),
  echo: (behaviour, options) => Instance.open(echoKind, behaviour, options),
  'ext-authz': (behaviour, options) => Instance.open(extAuthzKind, behaviour, options),
  'ext-authz-http': (behaviour, options) => Instance.open(extAuthzHttpKind, behaviour, options),
  'ext-proc': (behaviour, options) => Instance.open(extProcKind, behaviour, options),
  jwks: (behaviour, options) => Instance.open(jwksKind, behaviour, options),
  llm: (behaviour, options) => Instance.open(llmKind, behaviour, options),
  oidc: (behaviour, options) => Instance.open(oidcKind, behaviour, options),
  otel: (behaviour, options) => Instance.open(otelKind, behaviour, options),
  'rate-limit': (behaviour, options) => Instance.open(rateLimitKind, behaviour, options),
  'tcp-echo': (behaviour, options) => Instance.open(tcpEchoKind, behaviour, options),
} as const satisfies Record<string, OpenInstance>;

/** Name of a kind of peer. */
export type KindName = keyof typeof kinds;
