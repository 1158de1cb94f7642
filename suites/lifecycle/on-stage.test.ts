// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { CleanUps } from '../../harness/check/clean-ups.ts';
import type { CellContext } from './define-cell.ts';
import { onStage } from './on-stage.ts';

/** A cell that applies something, and what happens when it ends. */
async function ending(play: () => Promise<void>, isReusable: () => Promise<boolean>): Promise<readonly string[]> {
  const happened: string[] = [];
  const cleanUps = new CleanUps();
  const context = {
    defer: (cleanUp: () => Promise<void> | void) => cleanUps.defer(cleanUp),
    stages: {
      take: () => Promise.resolve({ namespace: 'stage-1' }),
      giveBack: () => void happened.push('given back'),
      discard: () => Promise.resolve(void happened.push('discarded')),
    },
  } as unknown as CellContext;
  const playing = onStage(
    context,
    'http',
    async () => {
      cleanUps.defer(() => void happened.push('what it applied is removed'));
      await play();
      happened.push('played');
    },
    isReusable,
  );
  await playing.catch(() => happened.push('failed'));
  happened.push('evidence is gathered');
  await cleanUps.run();
  return happened;
}

const nothing = () => Promise.resolve();
const yes = () => Promise.resolve(true);
const removed = 'what it applied is removed';
const evidence = 'evidence is gathered';

describe('a stage', () => {
  it('is given back when nothing of the cell can meet the next one any more', async () => {
    expect(await ending(nothing, yes)).toEqual(['played', evidence, removed, 'given back']);
  });

  it('is given back by a cell that failed as well', async () => {
    const happened = await ending(() => Promise.reject(new Error('it leaked')), yes);
    expect(happened).toEqual(['failed', evidence, removed, 'given back']);
  });

  it('is discarded if it is not as it was, or cannot be asked', async () => {
    for (const isReusable of [() => Promise.resolve(false), () => Promise.reject(new Error('no answer'))])
      expect((await ending(nothing, isReusable)).at(-1)).toBe('discarded');
  });
});
