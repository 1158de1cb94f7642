// SPDX-License-Identifier: Apache-2.0

/**
 * P-values as they count where several questions are asked at once (Holm 1979): rejecting where one of these is at most alpha is wrong about any of
 * them with a probability of at most alpha.
 */
export function holmAdjusted(pValues: readonly number[]): readonly number[] {
  const order = pValues.map((_, index) => index).sort((a, b) => (pValues[a] ?? 0) - (pValues[b] ?? 0));
  const adjusted = new Array<number>(pValues.length);
  let largest = 0;
  order.forEach((index, position) => {
    largest = Math.max(largest, Math.min(1, (pValues[index] ?? 1) * (pValues.length - position)));
    adjusted[index] = largest;
  });
  return adjusted;
}
