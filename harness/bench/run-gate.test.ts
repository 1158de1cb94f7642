// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../run/seed.ts';
import type { Window } from './recording.ts';
import { runGate } from './run-gate.ts';
import { windows, type WindowsOptions } from './testing/windows.ts';

/** A gate over windows of a machine that never was. */
async function gateOver(options: Partial<WindowsOptions>, change: (window: Window) => Window = (window) => window) {
  const made = windows({ pairs: 400, noiseEvery: 3, spread: 0.01, random: seededRandom(7), ...options });
  const left = { compare: made.filter(({ kind }) => kind === 'compare'), noise: made.filter(({ kind }) => kind === 'noise') };
  const told: Window[] = [];
  const decision = await runGate({
    play: ({ kind, swapped }) => {
      const index = left[kind].findIndex((window) => window.swapped === swapped);
      const [window] = left[kind].splice(index, 1);
      return window === undefined ? Promise.reject(new Error('no window is left')) : Promise.resolve(change(window));
    },
    tell: (window) => void told.push(window),
    random: seededRandom(8),
  });
  return { decision, told };
}

describe('a gate', () => {
  it('ends at the first look that decides, with pairs of the same among the others', async () => {
    const { decision, told } = await gateOver({});
    expect(decision).toMatchObject({ verdict: 'pass', isFinal: true, pairs: 24 });
    expect(told.filter(({ kind }) => kind === 'compare')).toHaveLength(48);
    expect(told.filter(({ kind }) => kind === 'noise').length).toBeGreaterThanOrEqual(14);
    // Both windows of a pair, one in each order.
    for (let index = 0; index < told.length; index += 2) expect(told[index]?.swapped).not.toBe(told[index + 1]?.swapped);
    expect(new Set(told.filter((_, index) => index % 2 === 0).map(({ swapped }) => swapped)).size).toBe(2);
  });

  it('fails what is worse', async () => {
    expect((await gateOver({ worse: { cpuPerRequest: 0.05 } })).decision.verdict).toBe('fail');
  });

  it('ends where nothing is to be expected, and says why', async () => {
    const { decision, told } = await gateOver({ pairs: 1000 }, (window) => ({ ...window, invalid: 'the driver was the limit' }));
    expect(decision).toMatchObject({ verdict: 'inconclusive', isFinal: true });
    expect(decision.reasons).toContain(`${told.length} of ${told.length} windows say nothing: the driver was the limit`);
  });
});
