// SPDX-License-Identifier: Apache-2.0
import type { Architecture } from '../platform.ts';
import type { Toolchain } from '../toolchain/toolchain.ts';

/** An image written from binaries, as data: what it is called, how it runs, what is in it. */
export interface ImageDefinition {
  /** Full reference under which pods name it: `registry/repository:tag`. */
  readonly reference: string;
  /** What it is for, one sentence. */
  readonly title: string;
  readonly config: ImageConfig;
  /** Content for one architecture, from tools. Each layer is cached by its content. */
  layers(context: ImageContext): Promise<readonly ImageLayer[]>;
}

/** What a definition may use to find its content. */
export interface ImageContext {
  readonly architecture: Architecture;
  readonly toolchain: Toolchain;
  readonly signal?: AbortSignal;
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
  /** A copy of a file of this machine. */
  | { readonly type: 'file'; readonly path: string; readonly source: string; readonly mode?: number }
  /** A small file given as text. */
  | { readonly type: 'text'; readonly path: string; readonly text: string; readonly mode?: number }
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
