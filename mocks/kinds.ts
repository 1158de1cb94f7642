// SPDX-License-Identifier: Apache-2.0
import { echoKind } from './echo/server.ts';
import { extAuthzKind } from './ext-authz/server.ts';
import { Instance, type InstanceOptions } from './instance/instance.ts';

/** Opens an instance of a kind with a behaviour that is yet to be checked. */
type OpenInstance = (behaviour: unknown, options: InstanceOptions) => Promise<Instance>;

/** Every kind of peer that the image can be. */
export const kinds = {
  echo: (behaviour, options) => Instance.open(echoKind, behaviour, options),
  'ext-authz': (behaviour, options) => Instance.open(extAuthzKind, behaviour, options),
} as const satisfies Record<string, OpenInstance>;

/** Name of a kind of peer. */
export type KindName = keyof typeof kinds;
