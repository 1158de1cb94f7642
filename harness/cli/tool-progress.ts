// SPDX-License-Identifier: Apache-2.0
import type { Architecture } from '../platform.ts';
import type { Toolchain } from '../toolchain/toolchain.ts';
import type { PrepareProgress, ResolvedTool, ToolName } from '../toolchain/tool.ts';
import { formatDuration, seconds, type Duration } from '../units.ts';

/** Told of progress: a line for a person, and where possible how much of the whole is done. */
export type ToldOfProgress = (message: string, done?: number, total?: number) => void;

/** How often a long build says that it still goes on. */
const reminderEvery: Duration = seconds(15);

/** Makes tools ready and says which of how many, how long it has taken and how long to expect. */
export async function prepareTools(
  toolchain: Toolchain,
  names: readonly ToolName[],
  tell: ToldOfProgress,
  options: { readonly signal?: AbortSignal; readonly architecture?: Architecture } = {},
): Promise<readonly ResolvedTool[]> {
  let reminder: NodeJS.Timeout | undefined;
  const stopReminder = (): void => {
    clearInterval(reminder);
    reminder = undefined;
  };
  const onProgress = (event: PrepareProgress): void => {
    const which = `tool ${event.index} of ${event.total}: ${event.name}`;
    const done = event.index - 1;
    switch (event.type) {
      case 'started': {
        const startedAt = performance.now();
        const expected = `expected about ${formatDuration(event.expected)}`;
        tell(`${which} ${event.version}, ${event.plan}, ${expected}`, done, event.total);
        stopReminder();
        reminder = setInterval(
          () => tell(`${which}, ${formatDuration({ ms: performance.now() - startedAt })} elapsed, ${expected}`, done, event.total),
          reminderEvery.ms,
        );
        break;
      }
      case 'waiting':
        tell(`${which}, waiting for another run that prepares it`, done, event.total);
        break;
      case 'note':
        tell(`${which}: ${event.message}`, done, event.total);
        break;
      case 'finished':
        stopReminder();
        tell(`${which} ready after ${formatDuration(event.elapsed)} (${event.tool.provenance})`, event.index, event.total);
        break;
    }
  };
  try {
    return await toolchain.prepare(names, { onProgress, ...options });
  } finally {
    stopReminder();
  }
}
