// SPDX-License-Identifier: Apache-2.0
import type { ToldOfProgress } from '../tool-progress.ts';
import { emit } from './emit.ts';

/** A stretch of the worker's job as a phase of the run. */
export async function phase<T>(name: string, title: string, body: (tell: ToldOfProgress) => Promise<T>): Promise<T> {
  const startedAt = Date.now();
  emit({ type: 'phase-started', at: startedAt, phase: name, title });
  let outcome: 'ok' | 'failed' = 'failed';
  try {
    const result = await body((message, done, total) =>
      emit({
        type: 'progress',
        at: Date.now(),
        phase: name,
        message,
        ...(done === undefined ? {} : { done }),
        ...(total === undefined ? {} : { total }),
      }),
    );
    outcome = 'ok';
    return result;
  } finally {
    emit({ type: 'phase-ended', at: Date.now(), phase: name, durationMs: Date.now() - startedAt, outcome });
  }
}
