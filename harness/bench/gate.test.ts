// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../run/seed.ts';
import { decide, type GateVerdict } from './gate.ts';
import { worsening, type Window } from './recording.ts';
import { windows, type WindowsOptions } from './testing/windows.ts';

/** How often each verdict came, of so many runs. */
function verdicts(runs: number, options: Omit<WindowsOptions, 'random'>): Readonly<Record<GateVerdict, number>> {
  const counts = { pass: 0, fail: 0, inconclusive: 0 };
  const random = seededRandom(20261123);
  for (let run = 0; run < runs; run += 1) counts[decide(windows({ ...options, random })).verdict] += 1;
  return counts;
}

describe('the gate', () => {
  it('does not fail what is the same, whatever drifts and whichever place is worse', () => {
    expect(verdicts(200, { pairs: 24, drift: 0.02, place: 0.1 }).fail).toBe(0);
    expect(verdicts(200, { pairs: 80, spread: 0.06 }).fail).toBe(0);
  });

  it('finds 5 % in a single metric', () => {
    for (const metric of ['p50', 'goodRate', 'cpuPerRequest'] as const) {
      expect(verdicts(100, { pairs: 80, worse: { [metric]: 0.05 }, spread: 0.012 }).fail).toBeGreaterThanOrEqual(99);
    }
  });

  it('never calls good what is 5 % worse', () => {
    expect(verdicts(200, { pairs: 80, worse: { p50: 0.05 }, spread: 0.06 }).pass).toBeLessThanOrEqual(2);
  });

  it('passes what is the same where the machine is quiet, and leaves it open where it is not', () => {
    expect(verdicts(100, { pairs: 24, spread: 0.01 }).pass).toBeGreaterThanOrEqual(95);
    expect(verdicts(100, { pairs: 24, spread: 0.15 })).toMatchObject({ pass: 0 });
  });

  const quiet = (change: (window: Window, index: number) => Window): readonly Window[] =>
    windows({ pairs: 24, spread: 0.005, random: seededRandom(1) }).map(change);
  const valuesWith = (side: Window['baseline'], values: Partial<Window['baseline']['values']>) => ({
    ...side,
    values: { ...side.values, ...values },
  });

  it('needs enough pairs', () => {
    expect(decide([])).toMatchObject({ verdict: 'inconclusive', isFinal: false, reasons: ['0 pairs of windows, and 24 are needed'] });
    expect(decide(quiet((window) => window)).verdict).toBe('pass');
  });

  it('decides nothing from what was not measured: a missing sample is no 0', () => {
    const missing = quiet((window, index) =>
      index < 8 ? { ...window, candidate: valuesWith(window.candidate, { cpuPerRequest: null }) } : window,
    );
    const { verdict, reasons } = decide(missing);
    expect(verdict).toBe('inconclusive');
    expect(reasons.join()).toMatch(/cpuPerRequest was not measured in \d of 24 pairs/);
  });

  it('decides nothing where two of the same differ', () => {
    const uneven = quiet((window) =>
      window.kind === 'noise'
        ? { ...window, candidate: valuesWith(window.candidate, { p50: (window.candidate.values.p50 ?? 0) * 1.04 }) }
        : window,
    );
    expect(decide(uneven)).toMatchObject({
      verdict: 'inconclusive',
      reasons: [expect.stringMatching(/differ in p50 by [34]\.\d %, too surely/)],
    });
  });

  it('leaves out windows that say nothing of the gateway, with their pairs', () => {
    const some = quiet((window, index) => (index % 8 === 0 ? { ...window, invalid: 'generator-bound' } : window));
    expect(decide(some)).toMatchObject({ verdict: 'inconclusive', reasons: [expect.stringContaining('pairs of windows')] });
  });

  it('fails a candidate that fails requests, however fast', () => {
    const fast = quiet((window) => ({
      ...window,
      candidate: { ...valuesWith(window.candidate, { p50: 1, goodRate: 10_000 }), failed: window.kind === 'compare' ? 500 : 0 },
    }));
    expect(decide(fast)).toMatchObject({ verdict: 'fail', reasons: ['the candidate failed 24000 of 504000 requests'] });
    const broken = quiet((window) => ({ ...window, baseline: { ...window.baseline, failed: 500 } }));
    expect(decide(broken)).toMatchObject({ verdict: 'inconclusive' });
  });
});

describe('a pair', () => {
  it('is two windows whose sides changed places, so that what belongs to a place cancels', () => {
    const made = windows({ pairs: 6, spread: 0, drift: 0, place: 0.2, worse: { p50: 0.05, goodRate: 0.03 }, random: seededRandom(1) });
    expect(worsening(made, 'compare', 'p50')).toEqual(Array.from({ length: 6 }, () => expect.closeTo(0.05, 10) as number));
    expect(worsening(made, 'compare', 'goodRate')).toEqual(Array.from({ length: 6 }, () => expect.closeTo(0.03, 10) as number));
    expect(worsening(made, 'noise', 'p50')).toEqual([expect.closeTo(0, 10), expect.closeTo(0, 10)]);
  });
});
