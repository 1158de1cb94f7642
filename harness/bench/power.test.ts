// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import type { RunDocument } from '../run/document.ts';
import { seededRandom } from '../run/seed.ts';
import { decide } from './gate.ts';
import { power } from './power.ts';
import { windows, type WindowsOptions } from './testing/windows.ts';

const random = seededRandom(7);

/** A run with some decisions, each from windows of its own. */
function run(sabotage: string | undefined, times: number, options: Omit<WindowsOptions, 'random'>): Pick<RunDocument, 'checks'> {
  const executions = Array.from({ length: times }, () => {
    const recorded = windows({ ...options, random });
    return { ...(sabotage === undefined ? {} : { sabotage }), gate: { windows: recorded, decision: decide(recorded) } };
  });
  return { checks: [{ id: 'gate-http1', executions }] } as unknown as Pick<RunDocument, 'checks'>;
}

it('says of each kind of candidate how often each rule called it worse', () => {
  const [same, slower] = power(
    [run(undefined, 5, { pairs: 48, drift: 0.02 }), run('slower', 5, { pairs: 48, worse: { p50: 0.08 }, drift: 0.02 })],
    { replays: 50, random },
  );
  expect(same).toMatchObject({ candidate: 'gate-http1', pairs: 240 });
  expect(slower).toMatchObject({ candidate: 'gate-http1@slower', pairs: 240 });
  const gate = [same, slower].map((one) => one?.rules[0]);
  expect(gate[0]).toMatchObject({ title: 'the gate', live: { fail: 0 }, replays: { fail: 0 } });
  expect(gate[1]).toMatchObject({ live: { pass: 0, fail: 5 }, replays: { pass: 0 } });
  expect(gate[1]?.replays.fail).toBeGreaterThan(45);
  const welch = same?.rules.find(({ title }) => title.startsWith('Welch'));
  expect(welch?.replays.fail).toBeGreaterThan(0);
  expect(slower?.metrics.find(({ metric }) => metric === 'p50')?.value).toBeCloseTo(0.08, 1);
});

it('of runs that decided nothing there is nothing to say', () => {
  expect(() => power([{ checks: [] }], { replays: 1, random })).toThrow(expect.objectContaining({ code: 'GAUNTLET_USAGE' }));
});
