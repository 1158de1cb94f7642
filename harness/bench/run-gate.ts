// SPDX-License-Identifier: Apache-2.0
import { decide, gateRules, type GateDecision, type GateRules } from './gate.ts';
import type { Window } from './recording.ts';

/** What a gate is run with. */
export interface GateRun {
  /** Plays one window. */
  readonly play: (window: Pick<Window, 'kind' | 'swapped'>) => Promise<Window>;
  /** Told of each window as soon as it is over. */
  readonly tell: (window: Window, decision: GateDecision) => void;
  readonly random: () => number;
  readonly rules?: GateRules;
}

/** After so many pairs that compare comes one of the same. */
const comparisonsPerNoise = 3;
/** Of twice as many windows as are needed at least, so many say nothing: then the rest would not either. */
const mostWindows = 2;

/** Plays pairs of windows until they decide something, or nothing more is to be expected of them. */
export async function runGate({ play, tell, random, rules = gateRules }: GateRun): Promise<GateDecision> {
  const windows: Window[] = [];
  const most = mostWindows * 2 * (rules.looks.at(-1) ?? 0) * (1 + 1 / comparisonsPerNoise);
  for (let pair = 1; ; pair += 1) {
    const kind = pair % (comparisonsPerNoise + 1) === 0 ? 'noise' : 'compare';
    // Which order a pair has must not go with anything that the machine does at intervals.
    const first = random() < 0.5;
    for (const swapped of [first, !first]) {
      const window = await play({ kind, swapped });
      windows.push(window);
      tell(window, decide(windows, rules));
    }
    const decision = decide(windows, rules);
    if (decision.isFinal) return decision;
    if (windows.length >= most) return { ...decision, isFinal: true, reasons: [...decision.reasons, ...commonest(windows)] };
  }
}

/** Why most windows say nothing. */
function commonest(windows: readonly Window[]): readonly string[] {
  const invalid = windows.filter((window) => window.invalid !== undefined);
  return invalid.length === 0 ? [] : [`${invalid.length} of ${windows.length} windows say nothing: ${invalid.at(-1)?.invalid ?? ''}`];
}
