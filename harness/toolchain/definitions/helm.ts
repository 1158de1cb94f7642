// SPDX-License-Identifier: Apache-2.0
import { seconds } from '../../units.ts';
import { defineTool } from './define-tool.ts';

/** Installs the charts of the gateways. */
export const helm = defineTool({
  name: 'helm',
  version: '3.22.0',
  title: 'Helm',
  purpose: 'Installs the charts of the gateway under test',
  outputs: ['helm'],
  expected: seconds(70),
  versionProbe: { args: ['version', '--short'], pattern: 'v(\\d[^+\\s]*)' },
  sources: [
    {
      kind: 'release',
      url: 'https://get.helm.sh/helm-v3.22.0-linux-{arch}.tar.gz',
      sha256: {
        amd64: '1e4ab49e429626cf6c6958d914248b78c9730803c2751b87627e171dc800e7bb',
        arm64: 'f14e804dfee240f55525b667488fe9adca349e63e00c9af634c0beb1421ac310',
      },
      member: 'linux-{arch}/helm',
    },
    {
      kind: 'go',
      module: 'helm',
      package: 'helm.sh/helm/v3/cmd/helm',
      // As in Helm's own release: the Kubernetes version that templates see without a cluster is that of its client library.
      stamps: {
        'helm.sh/helm/v3/internal/version.version': 'v3.22.0',
        'helm.sh/helm/v3/pkg/lint/rules.k8sVersionMajor': '1',
        'helm.sh/helm/v3/pkg/lint/rules.k8sVersionMinor': '37',
        'helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor': '1',
        'helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor': '37',
      },
    },
  ],
});
