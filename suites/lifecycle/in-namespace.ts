// SPDX-License-Identifier: Apache-2.0
import type { PolicyForm } from './policy-row.ts';

/** The intent with what it refers to in another namespace: its credentials or its server; undefined if it refers to nothing of the kind. */
export function inNamespace(intent: PolicyForm, namespace: string): PolicyForm | undefined {
  if ('part' in intent) return undefined;
  switch (intent.intent) {
    case 'api-key':
      return { ...intent, store: { ...intent.store, namespace } };
    case 'basic-auth':
      return intent.file === undefined ? undefined : { ...intent, file: { ...intent.file, namespace } };
    case 'ext-auth':
    case 'ext-proc':
    case 'global-rate-limit':
      return { ...intent, server: { ...intent.server, namespace } };
    default:
      return undefined;
  }
}
