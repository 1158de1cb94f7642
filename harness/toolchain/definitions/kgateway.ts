// SPDX-License-Identifier: Apache-2.0
import { seconds } from '../../units.ts';
import { defineTool } from './define-tool.ts';

const version = '2.2.0';
const modulePath = 'github.com/kgateway-dev/kgateway/v2';
const stamps = { [`${modulePath}/pkg/version.Version`]: version };

/** The controller of kgateway and of agentgateway: one binary. */
export const kgateway = defineTool({
  name: 'kgateway',
  version,
  title: 'kgateway controller',
  purpose: 'Controller under test',
  outputs: ['kgateway'],
  expected: seconds(225),
  versionProbe: { args: ['--version'], pattern: '"version":"([^"]*)"' },
  anyVersion: true,
  sources: [{ kind: 'go', module: 'kgateway', package: `${modulePath}/cmd/kgateway`, stamps }],
});

/** The program that starts Envoy in a proxy's pod. */
export const envoyinit = defineTool({
  name: 'envoyinit',
  version,
  title: 'kgateway envoyinit',
  purpose: 'Starts Envoy in the pods of the gateway under test',
  outputs: ['envoyinit', 'docker-entrypoint.sh'],
  expected: seconds(10),
  anyVersion: true,
  sources: [
    {
      kind: 'go',
      module: 'kgateway',
      package: `${modulePath}/cmd/envoyinit`,
      stamps,
      files: { from: modulePath, paths: { 'docker-entrypoint.sh': 'cmd/envoyinit/docker-entrypoint.sh' } },
    },
  ],
});

/** The Helm charts as the repository has them: their image tags default to a placeholder, so the installation sets them. */
export const kgatewayCharts = defineTool({
  name: 'kgateway-charts',
  version,
  title: 'kgateway charts',
  purpose: 'Helm charts of the gateways under test, with their CRDs',
  outputs: ['kgateway', 'kgateway-crds', 'agentgateway', 'agentgateway-crds'],
  expected: seconds(5),
  anyVersion: true,
  sources: [
    {
      kind: 'module-files',
      module: 'kgateway',
      from: modulePath,
      paths: {
        kgateway: 'install/helm/kgateway',
        'kgateway-crds': 'install/helm/kgateway-crds',
        agentgateway: 'install/helm/agentgateway',
        'agentgateway-crds': 'install/helm/agentgateway-crds',
      },
    },
  ],
});
