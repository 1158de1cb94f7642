// SPDX-License-Identifier: Apache-2.0
import type { ImageDefinition } from '../harness/images/image.ts';
import { keycloakImage } from './keycloak/image.ts';

/** A server by others, so large that a run brings it only when it is asked to. */
export interface Extra {
  readonly image: ImageDefinition;
  /** Why a check that needs it cannot run without being asked for. */
  readonly reason: string;
}

/** What `--with` can bring, by name; a check says so in `needs`. */
export const extras: Readonly<Record<string, Extra>> = {
  keycloak: {
    image: keycloakImage,
    reason: 'Keycloak is missing: --with keycloak brings it, which takes Maven, some 400 MB of disk and a minute',
  },
};

/** Those that a run does not bring, each with the reason. */
export function lackingExtras(wanted: readonly string[]): Readonly<Record<string, string>> {
  const lacking = Object.entries(extras).filter(([name]) => !wanted.includes(name));
  return Object.fromEntries(lacking.map(([name, { reason }]) => [name, reason]));
}
