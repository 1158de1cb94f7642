// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { GauntletError, messageOf } from '../errors.ts';
import { hostArchitecture, type Architecture } from '../platform.ts';
import { milliseconds } from '../units.ts';
import { cachePlace, clearPlace, fillPlace, inspectPlace, type CachePlace } from './cache.ts';
import { toolDefinitions } from './definitions/index.ts';
import { Downloader } from './download.ts';
import { locateGiven, locateInPath, locateInstalled } from './locate.ts';
import { withLock } from './lock.ts';
import { Mirror } from './mirror.ts';
import { missingPackages, osSource } from './os-packages.ts';
import { resolvedTool } from './resolved-tool.ts';
import { removeGoBuildCache } from './sources/go.ts';
import { prepareTool } from './prepare-tool.ts';
import type { Preparation } from './sources/preparation.ts';
import { describeSource } from './sources/prepare-from.ts';
import type { PrepareProgress, ResolvedTool, ToolDefinition, ToolEvent, ToolName, ToolStatus } from './tool.ts';

/** What a toolchain works with. */
export interface ToolchainOptions {
  /** Gauntlet's cache. */
  readonly cacheDirectory: string;
  /** Paths of the user's own, by tool; they come before anything else. */
  readonly given?: Readonly<Partial<Record<string, string>>>;
  /** Architecture of what is resolved unless a call says otherwise; this machine's by default. */
  readonly architecture?: Architecture;
  /** URL or folder of a mirror, see {@link Mirror}; `GAUNTLET_MIRROR` of the environment by default. */
  readonly mirror?: string;
  /** Environment that PATH and the mirror are read from; `process.env` by default. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Told of what happens while a tool is made ready by {@link Toolchain.resolve}. */
  readonly onEvent?: (event: ToolEvent) => void;
  /** Definitions to work with; all of Gauntlet's by default. */
  readonly definitions?: readonly ToolDefinition[];
  /** Milliseconds of a clock that never goes back, for elapsed times; `performance.now` by default. */
  readonly now?: () => number;
}

/** For which architecture, and what can stop it. */
export interface ResolveOptions {
  readonly architecture?: Architecture;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: ToolEvent) => void;
}

/** Progress and interruption of {@link Toolchain.prepare}. */
export interface PrepareOptions {
  readonly architecture?: Architecture;
  readonly signal?: AbortSignal;
  readonly onProgress?: (event: PrepareProgress) => void;
}

interface Request {
  readonly definition: ToolDefinition;
  readonly architecture: Architecture;
  readonly signal: AbortSignal | undefined;
  readonly emit: (event: ToolEvent) => void;
}

/**
 * Brings the tools that a cluster and a run need: a path given by the user, PATH, the cache, a mirror, a release, a build from a pinned Go module,
 * whichever comes first. What it prepares is cached by the content of its definition, and shared safely with other processes.
 *
 * @example
 * ```ts
 * await using toolchain = Toolchain.open({ cacheDirectory });
 * const etcd = await toolchain.resolve('etcd');
 * spawn(etcd.file(), ['--version']);
 * ```
 */
export class Toolchain implements AsyncDisposable {
  readonly #options: ToolchainOptions;
  readonly #definitions: ReadonlyMap<string, ToolDefinition>;
  readonly #architecture: Architecture;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #downloader: Downloader;
  readonly #mirror: Mirror | undefined;
  readonly #resolving = new Map<string, Promise<ResolvedTool>>();
  readonly #noted = new Set<string>();

  /** @throws GauntletError `GAUNTLET_UNKNOWN_TOOL` if a path is given for a tool that does not exist, `GAUNTLET_USAGE` for a malformed mirror. */
  static open(options: ToolchainOptions): Toolchain {
    return new Toolchain(options);
  }

  private constructor(options: ToolchainOptions) {
    this.#options = options;
    this.#definitions = new Map((options.definitions ?? toolDefinitions).map((definition) => [definition.name, definition]));
    this.#architecture = options.architecture ?? hostArchitecture();
    this.#env = options.env ?? process.env;
    this.#downloader = new Downloader({ partialDirectory: join(options.cacheDirectory, 'downloads') });
    const mirror = options.mirror ?? this.#env['GAUNTLET_MIRROR'];
    this.#mirror = mirror === undefined || mirror === '' ? undefined : new Mirror(mirror, this.#downloader);
    for (const name of Object.keys(options.given ?? {})) this.#definition(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#downloader[Symbol.asyncDispose]();
  }

  /** What is here and what would have to come, without preparing anything. */
  async list(): Promise<ToolStatus[]> {
    return Promise.all([...this.#definitions.values()].map((definition) => this.#status(definition)));
  }

  /**
   * A tool, prepared first if it is not here.
   *
   * @throws GauntletError `GAUNTLET_UNKNOWN_TOOL`, `GAUNTLET_OS_PACKAGE_MISSING`, `GAUNTLET_TOOL_BUILD_FAILED`, `GAUNTLET_TOOL_VERSION`,
   * `GAUNTLET_WRONG_ARCHITECTURE`, `GAUNTLET_BINARY_BROKEN`, `GAUNTLET_CONFIG_INVALID`, `GAUNTLET_DISK_FULL`, `GAUNTLET_INTERRUPTED`.
   */
  async resolve(name: ToolName, { architecture, signal, onEvent }: ResolveOptions = {}): Promise<ResolvedTool> {
    const request: Request = {
      definition: this.#definition(name),
      architecture: architecture ?? this.#architecture,
      signal,
      emit: onEvent ?? this.#options.onEvent ?? (() => undefined),
    };
    const key = `${name}/${request.architecture}`;
    const resolving = this.#resolving.get(key) ?? this.#resolve(request);
    this.#resolving.set(key, resolving);
    try {
      return await resolving;
    } catch (error) {
      if (this.#resolving.get(key) === resolving) this.#resolving.delete(key);
      throw error;
    }
  }

  /**
   * Makes several tools ready, one after the other (a build uses the whole machine), and reports each. What only the user can mend, such as missing
   * packages, is reported before the first build starts.
   *
   * @throws GauntletError as {@link resolve}.
   */
  async prepare(names: readonly ToolName[], { architecture, signal, onProgress }: PrepareOptions = {}): Promise<ResolvedTool[]> {
    const wanted = names.map((name) => this.#definition(name));
    const target = architecture ?? this.#architecture;
    const missing = await this.#missing(wanted, target);
    for (const [position, definition] of missing.entries()) {
      const onEvent = (event: ToolEvent): void => onProgress?.({ ...event, index: position + 1, total: missing.length });
      await this.resolve(definition.name as ToolName, { architecture: target, onEvent, ...(signal && { signal }) });
    }
    await this.#removeBuildCacheIfDone();
    return Promise.all(names.map((name) => this.resolve(name, { architecture: target, ...(signal && { signal }) })));
  }

  /** Compares every file that was ever prepared with its digest, removes the tools that differ, and says which; they are prepared anew when needed. */
  async verify(): Promise<{ readonly name: ToolName; readonly architecture: Architecture; readonly reason: string }[]> {
    const found: { name: ToolName; architecture: Architecture; reason: string }[] = [];
    for (const definition of this.#definitions.values()) {
      for (const architecture of definition.architectures) {
        const place = cachePlace(this.#options.cacheDirectory, definition, architecture);
        const state = await inspectPlace(place, true);
        if (state.state !== 'corrupt') continue;
        await withLock(place.lock, {}, () => clearPlace(place));
        this.#resolving.delete(`${definition.name}/${architecture}`);
        found.push({ name: definition.name as ToolName, architecture, reason: state.reason });
      }
    }
    return found;
  }

  #definition(name: string): ToolDefinition {
    const definition = this.#definitions.get(name);
    if (definition) return definition;
    throw new GauntletError('GAUNTLET_UNKNOWN_TOOL', `There is no tool ${name}`, {
      hint: `The tools are ${[...this.#definitions.keys()].join(', ')}.`,
    });
  }

  /** The tool if it is here without preparing anything. */
  async #locate(definition: ToolDefinition, architecture: Architecture): Promise<ResolvedTool | undefined> {
    const given = this.#options.given?.[definition.name];
    if (given !== undefined) return locateGiven(definition, architecture, given);
    if (!definition.architectures.includes(architecture)) {
      throw new GauntletError('GAUNTLET_WRONG_ARCHITECTURE', `${definition.title} cannot be had for ${architecture} on this machine`, {
        hint: `Use ${definition.architectures.join(' or ')}.`,
      });
    }
    const installed = osSource(definition);
    if (installed) return locateInstalled(definition, installed);
    const inPath = architecture === hostArchitecture() ? await locateInPath(definition, this.#env['PATH'] ?? '') : undefined;
    return inPath ?? this.#cached(definition, architecture);
  }

  async #cached(definition: ToolDefinition, architecture: Architecture): Promise<ResolvedTool | undefined> {
    const place = cachePlace(this.#options.cacheDirectory, definition, architecture);
    const found = await inspectPlace(place, false);
    if (found.state !== 'ready') return undefined;
    const { provenance } = found.manifest;
    return resolvedTool(definition, {
      version: definition.version,
      architecture,
      origin: 'cache',
      provenance,
      directory: place.content,
      digest: found.digest,
    });
  }

  async #status(definition: ToolDefinition): Promise<ToolStatus> {
    const { title, purpose, version, expected } = definition;
    const architecture = definition.architectures.includes(this.#architecture) ? this.#architecture : hostArchitecture();
    const common = { name: definition.name as ToolName, title, purpose, architecture };
    const plan = this.#plan(definition);
    try {
      const resolved = await this.#locate(definition, architecture);
      if (resolved) return { ...common, version: resolved.version, resolved };
      const state = await inspectPlace(cachePlace(this.#options.cacheDirectory, definition, architecture), false);
      return {
        ...common,
        version,
        missing: { reason: state.state === 'corrupt' ? `corrupt: ${state.reason}` : 'not here', plan, expected },
      };
    } catch (error) {
      return { ...common, version, missing: { reason: messageOf(error), plan, expected } };
    }
  }

  #plan(definition: ToolDefinition): string {
    const steps = definition.sources.map(describeSource);
    return (this.#mirror && !osSource(definition) ? ['look in the mirror', ...steps] : steps).join(', else ');
  }

  /** Those that are not here, what they need first included; what only the user can mend is thrown at once, all packages together. */
  async #missing(wanted: readonly ToolDefinition[], architecture: Architecture): Promise<ToolDefinition[]> {
    const located = await Promise.all(
      wanted.map(async (definition) => ({ definition, tool: await this.#locate(definition, architecture) })),
    );
    const missing = located.filter(({ tool }) => tool === undefined).map(({ definition }) => definition);
    const packages = missing.flatMap((definition) => osSource(definition)?.package ?? []);
    if (packages.length > 0) throw missingPackages(packages);
    const go = this.#definitions.get('go');
    const needsGo = go && !missing.includes(go) && missing.some(({ sources }) => sources.some((source) => 'module' in source));
    return needsGo && !(await this.#locate(go, hostArchitecture())) ? [go, ...missing] : missing;
  }

  async #resolve(request: Request): Promise<ResolvedTool> {
    const { definition, architecture, signal, emit } = request;
    const here = await this.#locate(definition, architecture);
    if (here) return here;
    const installed = osSource(definition);
    if (installed) throw missingPackages([installed.package]);
    const name = definition.name as ToolName;
    const place = cachePlace(this.#options.cacheDirectory, definition, architecture);
    return withLock(place.lock, { onWait: () => emit({ type: 'waiting', name }), signal }, async () => {
      const state = await inspectPlace(place, false);
      if (state.state === 'ready') return this.#inCache(definition, architecture);
      if (state.state === 'corrupt')
        emit({ type: 'note', name, message: `what the cache has is corrupt and is prepared anew: ${state.reason}` });
      const started = this.#now();
      emit({
        type: 'started',
        name,
        version: definition.version,
        architecture,
        plan: this.#plan(definition),
        expected: definition.expected,
      });
      const { origin } = await fillPlace(place, (content, scratch) =>
        prepareTool({ ...this.#preparationOf(request, place), content, scratch }, this.#mirror),
      );
      const tool = { ...(await this.#inCache(definition, architecture)), origin };
      emit({ type: 'finished', name, tool, elapsed: milliseconds(this.#now() - started) });
      return tool;
    });
  }

  async #inCache(definition: ToolDefinition, architecture: Architecture): Promise<ResolvedTool> {
    const tool = await this.#cached(definition, architecture);
    if (tool) return tool;
    throw new GauntletError('GAUNTLET_TOOL_BUILD_FAILED', `${definition.title} was prepared but is not whole in the cache`, {
      hint: 'Something changes the cache folder while Gauntlet works; run the same command again.',
    });
  }

  #preparationOf({ definition, architecture, signal, emit }: Request, place: CachePlace): Omit<Preparation, 'content' | 'scratch'> {
    const name = definition.name as ToolName;
    return {
      definition,
      architecture,
      log: place.log,
      cacheDirectory: this.#options.cacheDirectory,
      signal,
      downloader: this.#downloader,
      note: (message) => {
        // A server that cannot be reached is the same news for every tool.
        if (!this.#noted.has(message)) emit({ type: 'note', name, message });
        this.#noted.add(message);
      },
      waiting: () => emit({ type: 'waiting', name }),
      tool: (needed) => this.resolve(needed, { architecture: hostArchitecture(), onEvent: emit, ...(signal && { signal }) }),
    };
  }

  async #removeBuildCacheIfDone(): Promise<void> {
    const { cacheDirectory } = this.#options;
    if (!existsSync(join(cacheDirectory, 'go-build'))) return;
    const built = [...this.#definitions.values()].filter(({ sources }) => sources.some(({ kind }) => kind === 'go'));
    const here = await Promise.all(built.map((definition) => this.#locate(definition, hostArchitecture())));
    if (here.every((tool) => tool !== undefined)) await removeGoBuildCache(cacheDirectory);
  }

  #now(): number {
    return this.#options.now?.() ?? performance.now();
  }
}
