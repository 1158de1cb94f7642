// SPDX-License-Identifier: Apache-2.0
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageDefinition } from '../../images/image.ts';
import type { ToolName } from '../../toolchain/tool.ts';
import type { Target } from '../target.ts';

/** Writes a shell script that stands for a program, and returns its path. */
export async function script(folder: string, name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
  return path;
}

/** A gateway of which both binaries are Node, so that the one that runs the tests can be given as a build of one's own. */
export const sampleTarget: Target = {
  name: 'sample',
  version: '1.0.0',
  title: 'sample 1.0.0',
  organization: 'example',
  url: 'example.com',
  contact: [],
  gatewayClass: 'sample',
  controllerName: 'example.com/sample',
  architectures: ['amd64', 'arm64'],
  features: [],
  tools: ['kgateway-charts', 'gateway-api-crds'],
  images: { controller: imageOf('kgateway', 'example.com/controller:v1'), proxy: imageOf('envoy', 'example.com/proxy:v1') },
  binaries: {
    controller: { tool: 'kgateway', versionProbe: { args: ['--version'], pattern: '^v(\\d\\S*)' } },
    proxy: { tool: 'envoy', versionProbe: { args: ['--version'], pattern: '^v(\\d\\S*)' } },
  },
  gatewayApi: { tool: 'gateway-api-crds', version: '1.4.1', channel: 'experimental' },
  charts: [
    { release: 'sample-crds', namespace: 'sample-system', tool: 'kgateway-charts', path: 'crds', definitionsOnly: true, values: {} },
    {
      release: 'sample',
      namespace: 'sample-system',
      tool: 'kgateway-charts',
      path: 'sample',
      definitionsOnly: false,
      values: { image: { tag: 'v1' } },
    },
  ],
  controller: {
    namespace: 'sample-system',
    deployment: 'sample',
    metrics: { port: 9092, path: '/metrics' },
    proxyLabels: {},
    proxyAdmin: { port: 19000, configDump: '/config_dump' },
  },
  installations: {},
  parts: {},
};

function imageOf(tool: ToolName, reference: string): ImageDefinition {
  return {
    reference,
    title: tool,
    config: { entrypoint: [`/${tool}`] },
    tools: [tool],
    async layers({ architecture, toolchain }) {
      const resolved = await toolchain.resolve(tool, { architecture });
      return [{ name: tool, entries: [{ type: 'file', path: tool, source: resolved.file() }] }];
    },
  };
}
