// SPDX-License-Identifier: Apache-2.0
import { GauntletError } from '../errors.ts';
import type { Provider } from './provider.ts';

/** A cluster that is already there, by its kubeconfig. Defined now, filled in by a later release. */
export const existingProvider: Provider = {
  name: 'existing',
  available() {
    return Promise.resolve({ ok: false, reason: 'the existing provider is not part of this release' });
  },
  create() {
    return Promise.reject(
      new GauntletError(
        'GAUNTLET_NOT_IMPLEMENTED',
        'Existing clusters are not part of this release: Gauntlet will use any kubeconfig, touch only what it made and labelled with the run id, and remove that',
        { hint: 'Use `--cluster native` on Linux as root.' },
      ),
    );
  },
};
