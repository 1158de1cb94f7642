// SPDX-License-Identifier: Apache-2.0
import { GauntletError } from '../errors.ts';
import { createKube } from '../kube/client.ts';
import type { ClusterOptions, Provider } from './provider.ts';

/** A cluster that is already there, by its kubeconfig. Defined now, filled in by a later release. */
export const existingProvider: Provider = {
  name: 'existing',
  available() {
    return Promise.resolve({ ok: false, reason: 'the existing provider is not part of this release' });
  },
  preflight: refuse,
  create: refuse,
};

/** A kubeconfig that is wrong is said to be wrong, so that nobody mends it only to read that it cannot be used yet. */
async function refuse({ kubeconfig }: Pick<ClusterOptions, 'kubeconfig'>): Promise<never> {
  if (kubeconfig === undefined) {
    throw new GauntletError('GAUNTLET_USAGE', '--cluster existing was given without --kubeconfig', {
      hint: 'Name the kubeconfig of the cluster: --kubeconfig PATH.',
    });
  }
  await using kube = createKube({ kubeconfig });
  await kube.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' });
  throw new GauntletError(
    'GAUNTLET_NOT_IMPLEMENTED',
    'Existing clusters are not part of this release: Gauntlet will use any kubeconfig, touch only what it made and labelled with the run id, and remove that',
    { hint: 'Use `--cluster native` on Linux as root.' },
  );
}
