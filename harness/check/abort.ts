// SPDX-License-Identifier: Apache-2.0

/**
 * The outcome of the work, or a rejection with the signal's reason as soon as it is aborted, whatever the work does then.
 * Keeps a piece of work that ignores its signal from holding up the run.
 */
export async function untilAborted<T>(work: () => Promise<T> | T, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  // Work that throws at once is never raced, and then nobody waits for this.
  aborted.catch(() => undefined);
  const onAbort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([Promise.resolve(work()), aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
