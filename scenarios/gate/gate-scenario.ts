// SPDX-License-Identifier: Apache-2.0
import type { Check } from '../../harness/check/check.ts';
import { holds } from '../../harness/check/matchers.ts';
import { GauntletError } from '../../harness/errors.ts';
import { playWindow } from '../../harness/bench/duet.ts';
import type { GateDecision } from '../../harness/bench/gate.ts';
import { runGate } from '../../harness/bench/run-gate.ts';
import { defineScenario } from '../define-scenario.ts';
import { setUpDuet } from './duet-stage.ts';
import type { GateLoad } from './loads.ts';

/** Who is compared with whom. */
export interface Contest {
  /** Image of the candidate's proxies; the release's, as the baseline has it, if absent. */
  readonly candidateImage?: string;
  /** Decides the order of windows. */
  readonly random?: () => number;
}

/** The gate's expectation. */
export const noWorse = 'the candidate is no worse than the baseline';

/** Windows that are played before any counts: caches and allocators fill. */
const warmUps = 2;

/** Baseline and candidate in one cluster, side by side under the same load. */
export function gateScenario(load: GateLoad, contest: Contest): Check {
  return defineScenario({
    id: load.id,
    title: `The candidate is no worse than the baseline ${load.title}`,
    feature: 'routing.http',
    specification: [{ title: 'Gauntlet: how a gate decides', url: 'docs/gate.md' }],
    serial: true,
    requires: ['gateways', 'proxies'],
    sabotages: [
      { name: 'slower', title: 'The candidate has some more work to do', breaks: noWorse },
      { name: 'broken', title: 'The candidate fails one request in twenty', breaks: noWorse },
    ],
    async run(context) {
      const { expect, tellWindow, tellDecision, sabotaged } = context;
      const fault = sabotaged('slower') ? 'slower' : sabotaged('broken') ? 'broken' : undefined;
      const { duet, baseline, twin, candidate } = await setUpDuet(context, load, {
        ...(contest.candidateImage === undefined ? {} : { image: contest.candidateImage }),
        ...(fault === undefined ? {} : { fault }),
      });
      for (let played = 0; played < warmUps; played += 1) {
        await playWindow(duet, { baseline, candidate: twin }, { kind: 'noise', swapped: false });
        await playWindow(duet, { baseline, candidate }, { kind: 'compare', swapped: false });
      }
      const decision = await runGate({
        play: (window) => playWindow(duet, { baseline, candidate: window.kind === 'noise' ? twin : candidate }, window),
        tell: (window) => {
          context.signal.throwIfAborted();
          tellWindow(window);
        },
        random: contest.random ?? Math.random,
      });
      tellDecision(decision);
      assertDecided(decision);
      await expect.now(noWorse, () => holds(decision.verdict === 'pass', 'no worse', told(decision)));
    },
  });
}

/** @throws GauntletError `GAUNTLET_INCONCLUSIVE` with the reasons. */
function assertDecided({ verdict, reasons, pairs }: GateDecision): void {
  if (verdict !== 'inconclusive') return;
  throw new GauntletError('GAUNTLET_INCONCLUSIVE', `After ${pairs} pairs of windows nothing is decided: ${reasons.join('; ')}`, {
    hint: 'Neither a pass nor a fail: use a quieter machine, or look at what the report says of the two that were the same.',
  });
}

function told({ reasons, findings, pairs }: GateDecision): string {
  const worst = findings.toSorted((a, b) => a.pValue - b.pValue)[0];
  if (worst === undefined || reasons.length > 0) return reasons.join('; ');
  const { metric, ratio, pValue } = worst;
  const bound = (value: number | null): string => value?.toFixed(3) ?? 'unbounded';
  return `${metric} ${bound(ratio.value)} times as bad (${bound(ratio.low)} to ${bound(ratio.high)} with 99 %, p = ${pValue.toPrecision(2)}, ${pairs} pairs)`;
}
