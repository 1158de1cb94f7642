// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { ExecutionResult, RunDocument } from '../run/document.ts';
import { seededRandom } from '../run/seed.ts';
import { decide } from './gate.ts';
import { replay } from './replay.ts';
import { windows } from './testing/windows.ts';

function documentOf(...gates: readonly ExecutionResult['gate'][]): Pick<RunDocument, 'checks'> {
  const executions = gates.map((gate, index): ExecutionResult => ({
    execution: `gate-http1#${index}`,
    converged: {},
    attempts: {},
    evidence: [],
    ...(gate === undefined ? {} : { gate }),
  }));
  return { checks: [{ executions }] as unknown as RunDocument['checks'] };
}

describe('a replay', () => {
  const recorded = windows({ pairs: 24, spread: 0.005, worse: { p50: 0.2 }, random: seededRandom(1) });

  it('decides as the run did, and says what others would', () => {
    const [again] = replay(documentOf({ windows: recorded, decision: decide(recorded) }));
    expect(again?.decision).toEqual(decide(recorded));
    expect(again?.decision.verdict).toBe('fail');
    expect(again?.rivals.find(({ title }) => title.includes('medians'))?.failing).toContain('p50');
    expect(again?.rivals.find(({ title }) => title.includes('twice'))?.failing).toEqual([]);
  });

  it('of a run that was killed decides from what there is', () => {
    expect(replay(documentOf({ windows: recorded.slice(0, 10) }))[0]?.decision.verdict).toBe('inconclusive');
  });

  it('refuses a run that says of itself what its windows do not, and one without windows', () => {
    const changed = { ...decide(recorded), verdict: 'pass' as const };
    expect(() => replay(documentOf({ windows: recorded, decision: changed }))).toThrow(
      expect.objectContaining({ code: 'GAUNTLET_CONFIG_INVALID' }),
    );
    expect(() => replay(documentOf(undefined))).toThrow(expect.objectContaining({ code: 'GAUNTLET_USAGE' }));
  });
});
