// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { CellResult, GeneratorHealth } from '../../harness/lifecycle/cell-result.ts';
import { assertHealthy } from './cell-health.ts';

const well: GeneratorHealth = { sent: 2500, missed: 10, forbidden: 2200, late99Ms: 3, longestGapMs: 12, control95Ms: 8 };
const outage = { requests: 3, of: 200, spells: [{ fromMs: 10, toMs: 60, requests: 3 }], by: { '503': 3 } };

const result = (generator: Partial<GeneratorHealth>, more: Partial<CellResult> = {}): CellResult => ({
  verdict: 'held',
  watch: { fromMs: 0, toMs: 4000 },
  marks: [],
  generator: { ...well, ...generator },
  detection: {},
  bins: [],
  ...more,
});

describe('a cell', () => {
  it('says something where enough was sent, evenly', () => {
    expect(() => assertHealthy(result({}))).not.toThrow();
    expect(() => assertHealthy(result({}, { outage }))).not.toThrow();
  });

  it.each<[string, Partial<GeneratorHealth>]>([
    ['hardly anything forbidden was sent', { forbidden: 199, longestGapMs: 0 }],
    ['nothing at all was', { sent: 0, missed: 0, forbidden: 0, longestGapMs: 0 }],
    ['much was missed', { sent: 2500, missed: 900 }],
    ['nothing was sent for too long', { longestGapMs: 501 }],
    ['this machine had no room for a connection', { unsent: 1 }],
  ])('says nothing where %s', (_, generator) => {
    expect(() => assertHealthy(result(generator))).toThrow(expect.objectContaining({ code: 'GAUNTLET_MACHINE' }));
  });

  it('says nothing of an outage where everything is slow', () => {
    expect(() => assertHealthy(result({ control95Ms: 251 }, { outage }))).toThrow(expect.objectContaining({ code: 'GAUNTLET_MACHINE' }));
    expect(() => assertHealthy(result({ control95Ms: 251 }))).not.toThrow();
    // As in a quiet cell of run 20261123-233616-4dc8: 14 requests in 0.6 s, for which the server of the policy was late.
    const moment = { ...outage, slowestControlMs: 640 };
    expect(() => assertHealthy(result({ control95Ms: 234 }, { outage: moment }))).toThrow(
      expect.objectContaining({ code: 'GAUNTLET_MACHINE' }),
    );
    expect(() => assertHealthy(result({}, { outage: { ...outage, slowestControlMs: 12 } }))).not.toThrow();
  });
});
