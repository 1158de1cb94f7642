// SPDX-License-Identifier: Apache-2.0
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { GauntletError, messageOf } from '../../errors.ts';
import { minutes, seconds } from '../../units.ts';
import { identify, type ProcessIdentity } from '../process-identity.ts';
import type { ClusterOptions } from '../provider.ts';
import type { Registry, RegistryEntry } from '../registry.ts';
import { cgroupRootOf } from './cgroups.ts';
import { NativeCluster } from './cluster.ts';
import { importImages } from './image-loader.ts';
import type { ImageStore } from './image-store.ts';
import { launch, type Launch } from './launch.ts';
import { foldersOf, layoutOf, logOf, type Layout } from './layout.ts';
import { removeCluster } from './leftovers.ts';
import { lastLines } from './log-tail.ts';
import type { NativeTools, SupervisorEvent, SupervisorPlan } from './protocol.ts';

/** Longest wait for a cluster. A healthy one takes seconds; this is for a machine that is busy with something else. */
const startBudget = minutes(3);

/** Everything that {@link startCluster} needs. */
export interface StartOptions {
  readonly options: ClusterOptions;
  readonly tools: NativeTools;
  readonly registry: Registry;
  readonly imageStore: ImageStore;
  /** `detached`: the cluster outlives this process. */
  readonly lifetime: 'owned' | 'detached';
}

/**
 * Starts a cluster and waits until it can be used.
 *
 * @throws GauntletError `GAUNTLET_CLUSTER_START`, `GAUNTLET_IMAGE`, `GAUNTLET_INTERRUPTED`, `GAUNTLET_TIMEOUT`.
 */
export async function startCluster(start: StartOptions): Promise<NativeCluster> {
  const cluster = await ClusterStart.begin(start);
  try {
    return await cluster.finish();
  } catch (error) {
    await cluster.undo();
    throw error;
  }
}

/** A start that is under way: what was made so far, and what is waited for. */
class ClusterStart {
  readonly #start: StartOptions;
  readonly #startedAtMs = Date.now();
  readonly #layout: Layout;
  readonly #ready = Promise.withResolvers<undefined>();
  readonly #failed = Promise.withResolvers<never>();
  readonly #images = Promise.withResolvers<undefined>();
  readonly #seen = new Map<string, 'started' | 'ready'>();
  #entry: RegistryEntry;
  #launch: Launch | undefined;
  readonly #init = Promise.withResolvers<number>();
  #hasImages = false;
  #isEnding = false;

  private constructor(start: StartOptions, owner: ProcessIdentity) {
    const { name, directory, architecture } = start.options;
    this.#start = start;
    this.#layout = layoutOf(directory);
    this.#entry = {
      name,
      provider: 'native',
      architecture,
      directory,
      cgroupRoot: cgroupRootOf(name),
      owner,
      isDetached: false,
      isReady: false,
      startedAt: new Date(this.#startedAtMs).toISOString(),
    };
    for (const { promise } of [this.#init, this.#ready, this.#failed, this.#images]) promise.catch(() => undefined);
  }

  static async begin(start: StartOptions): Promise<ClusterStart> {
    const owner = await identify(process.pid);
    if (owner === undefined) throw new GauntletError('GAUNTLET_INTERNAL', 'This process is not in /proc', { hint: 'Mount /proc.' });
    const under = new ClusterStart(start, owner);
    await start.registry.claim(under.#entry);
    return under;
  }

  async finish(): Promise<NativeCluster> {
    const { options, tools, lifetime } = this.#start;
    options.signal?.throwIfAborted();
    await this.#prepareFolders();
    this.#launch = launch(this.#layout, tools.catatonit, lifetime === 'owned' ? 'owned' : 'detachable', (event) => this.#onEvent(event));
    void this.#launch.ended.then(() => this.#onEnd());
    const init = await Promise.race([this.#init.promise, this.#failed.promise]);
    await this.#rememberInit(init);
    await this.#untilUsable();
    await this.#rememberReady(lifetime);
    return this.#cluster(init);
  }

  /** Ends what was started and removes what was made. */
  async undo(): Promise<void> {
    this.#isEnding = true;
    await this.#launch?.end();
    await removeCluster(this.#start.registry, this.#entry);
  }

  async #prepareFolders(): Promise<void> {
    const { options, tools, imageStore } = this.#start;
    await rm(this.#layout.events, { force: true });
    await Promise.all(foldersOf(this.#layout).map((folder) => mkdir(folder, { recursive: true })));
    const plan: SupervisorPlan = {
      name: options.name,
      directory: options.directory,
      cgroupRoot: this.#entry.cgroupRoot,
      tools,
      startedAtMs: this.#startedAtMs,
    };
    await writeFile(this.#layout.plan, JSON.stringify(plan, null, 2));
    this.#hasImages = await imageStore.restore(options.images ?? [], this.#layout.containerd);
  }

  async #untilUsable(): Promise<void> {
    const { signal } = this.#start.options;
    const interruption = Promise.withResolvers<never>();
    const timer = setTimeout(() => interruption.reject(this.#overdue()), startBudget.ms);
    const abort = (): void => interruption.reject(interrupted(signal));
    signal?.addEventListener('abort', abort);
    try {
      await Promise.race([Promise.all([this.#ready.promise, this.#images.promise]), this.#failed.promise, interruption.promise]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  #onEvent(event: SupervisorEvent): void {
    if (event.type === 'namespaces') this.#init.resolve(event.init);
    else if (event.type === 'ready') this.#ready.resolve(undefined);
    else if (event.type === 'failed') this.#failed.reject(this.#failure(event.component, event.status, event.lastLines));
    else this.#start.options.onEvent?.(event);
    if (event.type === 'component-started') this.#seen.set(event.component, 'started');
    if (event.type !== 'component-ready') return;
    this.#seen.set(event.component, 'ready');
    if (event.component === 'containerd') void this.#loadImages().then(() => this.#images.resolve(undefined), this.#images.reject);
  }

  /** Once containerd answers: nothing to do when it was born with the images. */
  async #loadImages(): Promise<void> {
    const { options, imageStore } = this.#start;
    const images = options.images ?? [];
    if (this.#hasImages) {
      for (const { reference } of images) this.#onImageLoaded(reference);
      return;
    }
    await importImages(await this.#init.promise, images, this.#onImageLoaded);
    await imageStore.save(images, this.#layout.containerd);
  }

  readonly #onImageLoaded = (reference: string): void => {
    this.#start.options.onEvent?.({ type: 'image-loaded', reference, afterMs: Date.now() - this.#startedAtMs });
  };

  async #onEnd(): Promise<void> {
    if (this.#isEnding) return;
    const lines = await lastLines(logOf(this.#layout, 'supervisor'));
    this.#failed.reject(this.#failure('supervisor', 'ended', lines));
  }

  #failure(component: string, status: string, lines: readonly string[]): GauntletError {
    const seen = lines.length === 0 ? 'Its log is empty.' : `Its last lines:\n  ${lines.join('\n  ')}`;
    return new GauntletError(
      this.#entry.isReady ? 'GAUNTLET_COMPONENT_DIED' : 'GAUNTLET_CLUSTER_START',
      `The cluster's ${component} ended: ${status}. ${seen}`,
      {
        hint: `The logs of all components are in ${this.#layout.logs}.`,
      },
    );
  }

  #overdue(): GauntletError {
    const waiting = [...this.#seen].filter(([, state]) => state === 'started').map(([component]) => component);
    const missing = waiting.length === 0 ? 'its node did not become Ready' : `not ready: ${waiting.join(', ')}`;
    return new GauntletError(
      'GAUNTLET_CLUSTER_START',
      `The cluster did not come up within ${startBudget.ms / seconds(1).ms} s: ${missing}`,
      {
        hint: `The logs of all components are in ${this.#layout.logs}; a machine that is busy with something else is the usual cause.`,
      },
    );
  }

  /** From here on, whoever finds this process dead can see for himself that the cluster is gone too. */
  async #rememberInit(pid: number): Promise<void> {
    const init = await identify(pid);
    if (init === undefined) throw this.#failure('supervisor', 'ended', []);
    this.#entry = { ...this.#entry, init };
    await this.#start.registry.write(this.#entry);
  }

  /** Writes down who the cluster now belongs to, before the tie to this process is cut: killed in between, it ends and is swept. */
  async #rememberReady(lifetime: 'owned' | 'detached'): Promise<void> {
    const { init, owner } = this.#entry;
    const isDetached = lifetime === 'detached';
    this.#entry = { ...this.#entry, owner: isDetached && init !== undefined ? init : owner, isDetached, isReady: true };
    await this.#start.registry.write(this.#entry);
    if (isDetached) this.#launch?.detach();
  }

  #cluster(init: number): NativeCluster {
    return new NativeCluster({
      ...this.#start.options,
      init,
      failed: this.#failed.promise,
      onImageLoaded: this.#onImageLoaded,
      dispose: () => this.undo(),
    });
  }
}

function interrupted(signal: AbortSignal | undefined): GauntletError {
  return new GauntletError('GAUNTLET_INTERRUPTED', `The start of the cluster was interrupted: ${messageOf(signal?.reason)}`, {
    hint: 'Nothing of the cluster is left but its logs.',
    cause: signal?.reason,
  });
}
