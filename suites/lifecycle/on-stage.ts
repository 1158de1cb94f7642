// SPDX-License-Identifier: Apache-2.0
import { isAsBefore } from './cell-watch.ts';
import type { CellContext } from './define-cell.ts';
import type { Stage } from './stage.ts';

/**
 * Plays on a stage that nobody else has, and leaves it to another cell if it is as it was before, however the cell ended. It is left last of all: what the
 * cell applied is removed when it ends, by name, and evidence is gathered before that; both must not meet the objects of the next one.
 */
export async function onStage<T>(
  context: CellContext,
  listener: Stage['listener'],
  play: (stage: Stage) => Promise<T>,
  isReusable: typeof isAsBefore = isAsBefore,
): Promise<T> {
  const { stages, defer } = context;
  const free = await stages.take(context);
  const stage = { ...free, listener };
  let isFit = false;
  defer(() => (isFit ? stages.giveBack(free) : stages.discard(free)));
  try {
    return await play(stage);
  } finally {
    isFit = await isReusable(context, stage).catch(() => false);
  }
}
