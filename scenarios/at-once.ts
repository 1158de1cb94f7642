// SPDX-License-Identifier: Apache-2.0

/** Does something for each of many, so many at a time; the first failure ends it. */
export async function forEachAtOnce<T>(items: readonly T[], most: number, work: (item: T) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let mine = next++; mine < items.length; mine = next++) await work(items[mine] as T);
  };
  await Promise.all(Array.from({ length: most }, worker));
}
