// SPDX-License-Identifier: Apache-2.0
import { setTimeout as pause } from 'node:timers/promises';

/** Memory of something at a moment. */
export interface MemorySample {
  /** Milliseconds since the watch began. */
  readonly atMs: number;
  readonly bytes: number;
}

/** Memory that is read again and again. */
export interface MemoryWatch<Name extends string> {
  readonly samples: Readonly<Record<Name, readonly MemorySample[]>>;
  /**
   * Reads nothing more.
   *
   * @throws whatever a reading threw.
   */
  stop(): Promise<void>;
}

/** Reads memory at a steady pace from now on; a reading that takes longer than that makes the next one late, and nothing else. */
export function watchMemory<Name extends string>(
  sources: Readonly<Record<Name, () => Promise<number>>>,
  everyMs = 1000,
): MemoryWatch<Name> {
  const names = Object.keys(sources) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, MemorySample[]>;
  const startedAt = performance.now();
  const isOver = new AbortController();
  const reading = async (): Promise<void> => {
    for (let dueMs = 0; !isOver.signal.aborted; dueMs += everyMs) {
      for (const name of names) samples[name].push({ atMs: performance.now() - startedAt, bytes: await sources[name]() });
      const waitMs = dueMs + everyMs - (performance.now() - startedAt);
      await pause(Math.max(0, waitMs), undefined, { signal: isOver.signal }).catch(() => undefined);
    }
  };
  const done = reading();
  done.catch(() => undefined);
  return {
    samples,
    stop: async () => {
      isOver.abort();
      await done;
    },
  };
}
