// SPDX-License-Identifier: Apache-2.0
import { GauntletError } from '../errors.ts';
import type { Provider } from './provider.ts';

/** Clusters by the `kind` command line, in Docker or Podman. Defined now, filled in by a later release. */
export const kindProvider: Provider = {
  name: 'kind',
  available() {
    return Promise.resolve({ ok: false, reason: 'the kind provider is not part of this release' });
  },
  preflight: refuse,
  create: refuse,
};

function refuse(): Promise<never> {
  return Promise.reject(
    new GauntletError(
      'GAUNTLET_NOT_IMPLEMENTED',
      'Clusters by kind are not part of this release: they will come from the kind command line, with kind-config.yaml, in Docker or Podman',
      { hint: 'Use `--cluster native` on Linux as root; it needs no container engine.' },
    ),
  );
}
