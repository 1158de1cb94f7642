// SPDX-License-Identifier: Apache-2.0
import type { Architecture } from '../../platform.ts';
import { seconds, type Duration } from '../../units.ts';
import type { ToolDefinition, VersionProbe } from '../tool.ts';
import { defineTool } from './define-tool.ts';

/** The last minor release that works with containerd 1.x, which Debian 12 has. */
const version = '1.35.4';
const [major, minor] = version.split('.') as [string, string];

const stamps = Object.fromEntries(
  ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((variables) => [
    [`${variables}.gitVersion`, `v${version}`],
    [`${variables}.gitMajor`, major],
    [`${variables}.gitMinor`, minor],
    [`${variables}.gitTreeState`, 'clean'],
  ]),
);

interface Component<Name extends string> {
  readonly name: Name;
  readonly purpose: string;
  readonly expected: Duration;
  readonly sha256: Readonly<Record<Architecture, string>>;
  readonly versionProbe?: VersionProbe;
}

/** One component of Kubernetes: the binary published by the project, else built from the same tag. */
function component<const Name extends string>({ name, purpose, expected, sha256, versionProbe }: Component<Name>): ToolDefinition<Name> {
  return defineTool({
    name,
    version,
    title: `Kubernetes ${name}`,
    purpose,
    outputs: [name],
    expected,
    versionProbe: versionProbe ?? { args: ['--version'], pattern: 'Kubernetes v(\\S+)' },
    sources: [
      { kind: 'release', url: `https://dl.k8s.io/release/v${version}/bin/linux/{arch}/${name}`, sha256 },
      { kind: 'go', module: 'kubernetes', package: `k8s.io/kubernetes/cmd/${name}`, stamps },
    ],
  });
}

/** The API server of a native cluster. */
export const kubeApiserver = component({
  name: 'kube-apiserver',
  purpose: 'API server of the native cluster',
  expected: seconds(175),
  sha256: {
    amd64: 'd5fff07e41f6826963254685667cfb3ec354dd676aa697e75c1e973e86d28fc7',
    arm64: 'ef055372df04d541c84ab8cb6dabfa67c3f5f35e6cbe7642673f94e1ca560cf3',
  },
});

/** The controllers of a native cluster. */
export const kubeControllerManager = component({
  name: 'kube-controller-manager',
  purpose: 'Controllers of the native cluster',
  expected: seconds(55),
  sha256: {
    amd64: 'be0dc23daaf568c51017ea867707bd38ab36a78a83982bc12af9184e8e370c2c',
    arm64: '0ba5bc092a1fe68987f2b4ae072146962ed31b73819c1552153894eff67968c0',
  },
});

/** The scheduler of a native cluster. */
export const kubeScheduler = component({
  name: 'kube-scheduler',
  purpose: 'Scheduler of the native cluster',
  expected: seconds(10),
  sha256: {
    amd64: 'c796c9e54fc56745b9f50d2aa464d97d10007adc7cf0ba36a9cbf450a6f11770',
    arm64: 'ad75d09987d28f69d12959b880074ae3d2fedcf7491f5d41d6f23456d822333c',
  },
});

/** The service proxy of a native cluster. */
export const kubeProxy = component({
  name: 'kube-proxy',
  purpose: 'Service addresses of the native cluster',
  expected: seconds(10),
  sha256: {
    amd64: 'db3001aa69c853e5a1a5d51c15eff112e6342a0fea9c99d7e272b6e47268c0a3',
    arm64: '769bf09cc106c03beb7f10bf96b29ef26a9316e2a43f45b8265c7fb9b8c1d61a',
  },
});

/** The node agent of a native cluster. */
export const kubelet = component({
  name: 'kubelet',
  purpose: 'Node agent of the native cluster',
  expected: seconds(20),
  sha256: {
    amd64: '983a6ba5a49823dcdd745c674e5e2416377dd27d6ad1b42d2befa0fb961a19f6',
    arm64: 'd710eef03bb4ad164bb77af9be5b11b44f874e2fc08153c7d383420d685f73e8',
  },
});

/** The command-line client. */
export const kubectl = component({
  name: 'kubectl',
  purpose: 'Command-line client, for people and for evidence',
  expected: seconds(25),
  sha256: {
    amd64: 'b529430df69a688fd61b64ad2299edb5fd71cb58be2a4779dba624c7d3510efd',
    arm64: '6a5a4cc4e396d7626a7a693a3044b51c75520f81db30fe6816c2554e53be336f',
  },
  versionProbe: { args: ['version', '--client'], pattern: 'Client Version: v(\\S+)' },
});
