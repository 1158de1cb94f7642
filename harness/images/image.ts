// SPDX-License-Identifier: Apache-2.0
import type { Architecture } from '../platform.ts';
import type { ResolvedTool, ToolName } from '../toolchain/tool.ts';

/** An image written from binaries, as data: what it is called, how it runs, what is in it. */
export interface ImageDefinition {
  /** Full reference under which pods name it: `registry/repository:tag`. */
  readonly reference: string;
  /** What it is for, one sentence. */
  readonly title: string;
  readonly config: ImageConfig;
  /** Tools that its content comes from, so that they can be made ready beforehand. */
  readonly tools: readonly ToolName[];
  /** Content for one architecture, from tools. Each layer is cached by its content. */
  layers(context: ImageContext): Promise<readonly ImageLayer[]>;
}

/** What a definition may use to find its content. */
export interface ImageContext {
  readonly architecture: Architecture;
  readonly toolchain: ToolResolver;
  readonly signal?: AbortSignal;
}

/** The part of the toolchain that images use: it brings a tool here, for either architecture. */
export interface ToolResolver {
  resolve(name: ToolName, options: { readonly architecture: Architecture; readonly signal?: AbortSignal }): Promise<ResolvedTool>;
}

/** How a container of the image runs; as in the OCI image configuration. */
export interface ImageConfig {
  readonly entrypoint: readonly string[];
  readonly cmd?: readonly string[];
  /** `uid`, `uid:gid`; root by default. */
  readonly user?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
}

/** One layer: a set of files. */
export interface ImageLayer {
  /** What it holds, for `gauntlet images`: `envoy`, `glibc`, `controller`. */
  readonly name: string;
  readonly entries: readonly LayerEntry[];
}

/** One path of a layer; absolute inside the image, without a leading slash. Parent folders are made as needed (0755, root). */
export type LayerEntry =
  /** A copy of a file of this machine, owned by root. The mode is 0755 if the file is executable, else 0644. */
  | { readonly type: 'file'; readonly path: string; readonly source: string; readonly mode?: number }
  /** A small file given as text, owned by root. The mode is 0644. */
  | { readonly type: 'text'; readonly path: string; readonly text: string; readonly mode?: number }
  /** An empty folder; the mode is 0755. */
  | { readonly type: 'directory'; readonly path: string; readonly mode?: number; readonly uid?: number; readonly gid?: number }
  | { readonly type: 'symlink'; readonly path: string; readonly target: string };

/** An image as a file: an OCI layout in a tar, ready to be loaded into a cluster. */
export interface ImageArchive {
  readonly reference: string;
  readonly architectures: readonly Architecture[];
  /** Absolute path of the tar. */
  readonly path: string;
  /** Digest of the index (`sha256:...`): the same input gives the same digest on every machine. */
  readonly digest: string;
  /** Size of the tar in bytes. */
  readonly bytes: number;
}
