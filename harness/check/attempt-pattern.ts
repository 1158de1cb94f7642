// SPDX-License-Identifier: Apache-2.0

/** Outcomes that a summary names before it only counts the rest. */
const namedOutcomes = 3;

/**
 * Says how attempts went, from the text of each outcome (`undefined` for one that held): `all 41 attempts alike`,
 * or how often each outcome was seen, in the order of first appearance.
 */
export function describePattern(outcomes: readonly (string | undefined)[]): string {
  const counts = new Map<string, number>();
  for (const outcome of outcomes) {
    const name = outcome ?? 'held';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  if (outcomes.length === 1) return 'the only attempt';
  if (counts.size === 1) return `all ${outcomes.length} attempts alike`;
  const parts = [...counts].map(([name, times]) => `${times} of ${outcomes.length}: ${name}`);
  const rest = parts.length - namedOutcomes;
  return rest > 0
    ? `${parts.slice(0, namedOutcomes).join('; ')}; and ${rest} other ${rest === 1 ? 'outcome' : 'outcomes'}`
    : parts.join('; ');
}
