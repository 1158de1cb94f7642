// SPDX-License-Identifier: Apache-2.0
import type { RunDocument } from '../run/document.ts';
import { GauntletError } from '../errors.ts';
import { decide, type GateDecision } from './gate.ts';
import { gateMetrics, type MetricId } from './metrics.ts';
import { rivals } from './rivals.ts';

/** A decision that was made again. */
export interface Replayed {
  readonly execution: string;
  readonly decision: GateDecision;
  /** What the rules of others make of the same windows: the metrics for which each of them fails. */
  readonly rivals: readonly { readonly title: string; readonly failing: readonly MetricId[] }[];
}

/**
 * The decisions of a run once more, from its windows alone.
 *
 * @throws GauntletError `GAUNTLET_USAGE` for a run without windows, `GAUNTLET_CONFIG_INVALID` for one that says of itself something else than its windows do.
 */
export function replay({ checks }: Pick<RunDocument, 'checks'>): readonly Replayed[] {
  const gates = checks
    .flatMap(({ executions }) => executions)
    .flatMap(({ execution, gate }) => (gate === undefined ? [] : [{ execution, ...gate }]));
  if (gates.length === 0) {
    throw new GauntletError('GAUNTLET_USAGE', 'That run recorded no windows of a gate', { hint: 'gauntlet bench makes one that does.' });
  }
  return gates.map(({ execution, windows, decision: then }) => {
    const decision = decide(windows);
    if (then !== undefined && then.verdict !== decision.verdict) {
      throw new GauntletError(
        'GAUNTLET_CONFIG_INVALID',
        `${execution} was decided as ${then.verdict}, and its windows say ${decision.verdict}`,
        {
          hint: 'The journal was changed, or another version of Gauntlet wrote it: its first line says which.',
        },
      );
    }
    return {
      execution,
      decision,
      rivals: rivals.map(({ title, fails }) => ({ title, failing: gateMetrics.filter((metric) => fails(windows, metric)) })),
    };
  });
}
