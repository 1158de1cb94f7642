// SPDX-License-Identifier: Apache-2.0
import { seconds } from '../../units.ts';
import { defineTool } from './define-tool.ts';

const version = '1.4.1';
const module = 'gateway-api-conformance';
const modulePath = 'sigs.k8s.io/gateway-api';

/** The Custom Resource Definitions, one folder a channel. */
export const gatewayApiCrds = defineTool({
  name: 'gateway-api-crds',
  version,
  title: 'Gateway API CRDs',
  purpose: 'Definitions of the Gateway API kinds, standard and experimental channel',
  outputs: ['standard', 'experimental'],
  expected: seconds(5),
  sources: [
    { kind: 'module-files', module, from: modulePath, paths: { standard: 'config/crd/standard', experimental: 'config/crd/experimental' } },
  ],
});

/** The upstream suite, unmodified; its manifests are inside the binary. */
export const gatewayApiConformance = defineTool({
  name: 'gateway-api-conformance',
  version,
  title: 'Gateway API conformance suite',
  purpose: 'The upstream conformance tests',
  outputs: ['conformance.test'],
  expected: seconds(60),
  sources: [{ kind: 'go', module, package: `${modulePath}/conformance`, test: true }],
});

/** The backend of the upstream suite, unmodified. */
export const echoBasic = defineTool({
  name: 'echo-basic',
  version,
  title: 'Gateway API echo-basic',
  purpose: 'Backend that the upstream conformance tests send requests to',
  outputs: ['echo-basic'],
  expected: seconds(10),
  sources: [{ kind: 'go', module, package: `${modulePath}/conformance/echo-basic` }],
});
