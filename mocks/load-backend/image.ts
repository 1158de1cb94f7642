// SPDX-License-Identifier: Apache-2.0
import { baseLayer, defaultPath } from '../../harness/images/base-layer.ts';
import type { ImageDefinition } from '../../harness/images/image.ts';
import { sharedLibraries } from '../../harness/images/shared-libraries.ts';
import { envoyConfiguration } from './envoy-configuration.ts';

/** Beside where its configuration is. */
export const envoyArguments = ['--concurrency', '1', '--log-level', 'warning', '--disable-hot-restart'] as const;

/**
 * A backend that is faster than any gateway in front of it: Envoy, which answers by itself and has one thread. What it answers depends on the last part
 * of the path (see {@link envoyConfiguration}).
 */
export const loadBackendImage: ImageDefinition = {
  reference: 'gauntlet.dev/load-backend:1',
  title: 'Backend for load: Envoy that answers by itself',
  config: {
    entrypoint: ['/usr/local/bin/envoy'],
    cmd: ['--config-path', '/etc/envoy.json', ...envoyArguments],
    user: '65532:65532',
    env: { PATH: defaultPath },
  },
  tools: ['envoy', 'debian-userland'],
  async layers(context) {
    const { architecture, toolchain, signal } = context;
    const envoy = await toolchain.resolve('envoy', { architecture, ...(signal && { signal }) });
    return [
      baseLayer,
      await sharedLibraries([envoy.file()], context),
      { name: 'envoy', entries: [{ type: 'file', path: 'usr/local/bin/envoy', source: envoy.file(), mode: 0o755 }] },
      { name: 'configuration', entries: [{ type: 'text', path: 'etc/envoy.json', text: JSON.stringify(envoyConfiguration()) }] },
    ];
  },
};
