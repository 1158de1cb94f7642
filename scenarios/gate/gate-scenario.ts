// SPDX-License-Identifier: Apache-2.0
import type { Check } from '../../harness/check/check.ts';
import { holds } from '../../harness/check/matchers.ts';
import { GauntletError } from '../../harness/errors.ts';
import { playWindow, type Contestant, type Duet } from '../../harness/bench/duet.ts';
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

/** Of what it used before. */
const throttledTo = 0.95;

const sabotages = [
  { name: 'slower', title: 'The candidate has some more work to do', breaks: noWorse },
  { name: 'slightly-slower', title: 'The candidate has a twentieth more work to do', breaks: noWorse },
  { name: 'throttled', title: 'The candidate gets a twentieth less processor time than it uses', breaks: noWorse },
  { name: 'broken', title: 'The candidate fails one request in twenty', breaks: noWorse },
] as const;

/** Baseline and candidate in one cluster, side by side under the same load. */
export function gateScenario(load: GateLoad, contest: Contest): Check {
  return defineScenario({
    id: load.id,
    title: `The candidate is no worse than the baseline ${load.title}`,
    feature: 'routing.http',
    specification: [{ title: 'Gauntlet: how a gate decides', url: 'docs/gate.md' }],
    serial: true,
    requires: ['gateways', 'proxies'],
    sabotages,
    async run(context) {
      const { expect, tellWindow, tellDecision, sabotaged } = context;
      const fault = sabotages.find(({ name }) => sabotaged(name))?.name;
      const { duet, baseline, twin, candidate } = await setUpDuet(context, load, {
        ...(contest.candidateImage === undefined ? {} : { image: contest.candidateImage }),
        ...(fault === undefined ? {} : { fault }),
      });
      for (let played = 0; played < warmUps; played += 1) {
        await playWindow(duet, { baseline, candidate: twin }, { kind: 'noise', swapped: false });
        await playWindow(duet, { baseline, candidate }, { kind: 'compare', swapped: false });
      }
      if (fault === 'throttled') await candidate.group.limit(throttledTo * (await usedBy(candidate, duet, baseline)));
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

/** Processor time of the candidate per second of a window. */
async function usedBy(candidate: Contestant, duet: Duet, baseline: Contestant): Promise<number> {
  const before = await candidate.group.cpuSeconds();
  await playWindow(duet, { baseline, candidate }, { kind: 'compare', swapped: false });
  return ((await candidate.group.cpuSeconds()) - before) / duet.seconds;
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
