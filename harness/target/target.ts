// SPDX-License-Identifier: Apache-2.0
import type { ImageDefinition } from '../images/image.ts';
import type { Resource } from '../kube/kube.ts';
import type { Architecture } from '../platform.ts';
import type { ToolName, VersionProbe } from '../toolchain/tool.ts';

/** A gateway under test, as data: a release, or a local build of it through {@link TargetBuild}. */
export interface Target {
  /** Name on the command line: `kgateway`. */
  readonly name: string;
  /** Version on the command line, without `v`: `2.2.0`. */
  readonly version: string;
  /** As it is called in reports: `kgateway 2.2.0 (Envoy 1.36.4)`. */
  readonly title: string;
  readonly organization: string;
  readonly url: string;
  readonly contact: readonly string[];
  readonly gatewayClass: string;
  readonly controllerName: string;
  readonly architectures: readonly Architecture[];
  /** Rows of `suites/features.ts` that the release claims; a check of any other row is `not-applicable`. */
  readonly features: readonly string[];
  /** Tools whose artifacts the installation needs (charts, CRDs), beyond those of the images. */
  readonly tools: readonly ToolName[];
  readonly images: { readonly controller: ImageDefinition; readonly proxy: ImageDefinition };
  /** What a build of one's own can take the place of in the images. */
  readonly binaries: { readonly controller: TargetBinary; readonly proxy: TargetBinary };
  /** Gateway API CRDs that are applied first. */
  readonly gatewayApi: { readonly tool: ToolName; readonly version: string; readonly channel: 'standard' | 'experimental' };
  /** Installed in this order, each after the one before it; those of definitions only all at once, before the others. */
  readonly charts: readonly TargetChart[];
  readonly controller: TargetController;
  /** Other ways to install it than the release's own, by name. */
  readonly installations: Readonly<Record<string, TargetInstallation>>;
  /** What a check can need of the gateway and not every build of it contains, by name. */
  readonly parts: Readonly<Record<string, TargetPart>>;
}

/** The gateway with other settings than those of its release. */
export interface TargetInstallation {
  /** Its settings as a sentence: `Gateway API's experimental features switched off`. */
  readonly title: string;
  /** `key=value` for the last chart, as `helm --set` takes it; before those of the user. */
  readonly helmSet: readonly string[];
  /** What has to stand before it, made anew for each cluster; removed when another installation takes its place. */
  readonly resources?: () => Promise<readonly Resource[]>;
}

/** Name of the part of a target whose proxy is in no registry: there is none but a given one. */
export const proxyPart = 'proxy';

/** A part of the gateway that Gauntlet's own images do not contain. */
export interface TargetPart {
  /** As it is called in reports: `kgateway's dynamic module`. */
  readonly title: string;
  /**
   * Path within the proxy's image, without a leading slash; a given image that has this file contains the part. Of {@link proxyPart} there is none: any
   * given proxy is it.
   */
  readonly path?: string;
  /** Why the images that are built from the release do not contain it, and what would bring it. */
  readonly reason: string;
}

/** A binary under test. */
export interface TargetBinary {
  /** The tool that the release's image takes it from. */
  readonly tool: ToolName;
  /** How to ask a build of it for its version, which is also how it is tried before anything starts. */
  readonly versionProbe: VersionProbe;
}

/** One Helm chart of a target. */
export interface TargetChart {
  readonly release: string;
  readonly namespace: string;
  /** The tool with the charts, and the chart's folder within it. */
  readonly tool: ToolName;
  readonly path: string;
  /** Whether it holds nothing but definitions (CRDs), so that nothing of it runs yet. */
  readonly definitionsOnly: boolean;
  /** Values as Helm takes them. `--helm-set` of the user goes to the last chart. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** Where the controller runs, and what can be read from it. */
export interface TargetController {
  readonly namespace: string;
  readonly deployment: string;
  readonly metrics: { readonly port: number; readonly path: string };
  /** Selector of the proxies' pods of one Gateway: label keys, `$gateway` standing for the Gateway's name. */
  readonly proxyLabels: Readonly<Record<string, string>>;
  /** Admin interface of the proxy on its loopback, for evidence. */
  readonly proxyAdmin: { readonly port: number; readonly configDump: string };
}

/** A build of one's own in place of the release's artifacts; every field optional. */
export interface TargetBuild {
  /** Path of a controller binary, put in place of the release's in the controller image. */
  readonly controllerBinary?: string;
  /** Path of a proxy binary (Envoy, agentgateway), put in place of the release's in the proxy image. */
  readonly proxyBinary?: string;
  /** Path of an image archive (`docker save` or OCI layout tar), or with the kind and existing providers a reference. */
  readonly controllerImage?: string;
  readonly proxyImage?: string;
  /** `key=value` as `helm --set` takes them. */
  readonly helmSet?: readonly string[];
}

/** A build of the proxy alone. */
export type ProxyBuild = Pick<TargetBuild, 'proxyBinary' | 'proxyImage'>;
