// SPDX-License-Identifier: Apache-2.0

/**
 * What rate of leaks so many tries without one leave possible, at 95 % confidence (Clopper-Pearson, one-sided); for few tries near three by their
 * number.
 */
export function unseenRate(tries: number): number {
  return tries <= 0 ? 1 : 1 - 0.05 ** (1 / tries);
}

/** The rate of something seen in some of all tries: bounds at 95 % confidence (Wilson). */
export function rateInterval(seen: number, tries: number): { readonly low: number; readonly high: number } {
  if (tries === 0) return { low: 0, high: 1 };
  const z = 1.959964;
  const rate = seen / tries;
  const middle = rate + z ** 2 / (2 * tries);
  const spread = z * Math.sqrt((rate * (1 - rate)) / tries + z ** 2 / (4 * tries ** 2));
  const scale = 1 + z ** 2 / tries;
  return { low: Math.max(0, (middle - spread) / scale), high: Math.min(1, (middle + spread) / scale) };
}
