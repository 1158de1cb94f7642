// SPDX-License-Identifier: Apache-2.0
import { baseLayer } from '../base-layer.ts';
import type { ImageDefinition } from '../image.ts';

/**
 * The backend of the upstream suite, under the reference that its v1.4.1 manifests name; built from the sources of v1.4.1 itself.
 *
 * @see https://github.com/kubernetes-sigs/gateway-api/blob/v1.4.1/docker/Dockerfile.echo-basic
 */
export const echoBasic: ImageDefinition = {
  reference: 'gcr.io/k8s-staging-gateway-api/echo-basic:v20240412-v1.0.0-394-g40c666fd',
  title: 'Backend of the upstream conformance suite',
  config: { entrypoint: ['/echo-basic'], user: '65532:65532', workingDirectory: '/' },
  tools: ['echo-basic'],
  async layers({ architecture, toolchain, signal }) {
    const echo = await toolchain.resolve('echo-basic', { architecture, ...(signal && { signal }) });
    return [baseLayer, { name: 'echo-basic', entries: [{ type: 'file', path: 'echo-basic', source: echo.file(), mode: 0o755 }] }];
  },
};

/**
 * The UDP backend that the upstream suite deploys with its base manifests, and waits for, whichever routes are tested.
 * It runs as root, since binding port 53 as another user takes a file capability, which a layer without extended attributes cannot carry.
 *
 * @see https://github.com/kubernetes-sigs/gateway-api/blob/v1.4.1/conformance/base/manifests.yaml
 */
export const udpBackend: ImageDefinition = {
  reference: 'registry.k8s.io/coredns/coredns:v1.12.2',
  title: 'UDP backend of the upstream conformance suite: CoreDNS',
  config: { entrypoint: ['/coredns'], workingDirectory: '/' },
  tools: ['coredns'],
  async layers({ architecture, toolchain, signal }) {
    const coredns = await toolchain.resolve('coredns', { architecture, ...(signal && { signal }) });
    return [baseLayer, { name: 'coredns', entries: [{ type: 'file', path: 'coredns', source: coredns.file(), mode: 0o755 }] }];
  },
};
