// SPDX-License-Identifier: Apache-2.0
import { open } from 'node:fs/promises';

const windowBytes = 32 * 1024;

/** The last lines of a log, oldest first; none when it cannot be read, because a missing log must not hide why it is wanted. */
export async function lastLines(path: string, count = 20): Promise<readonly string[]> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    const start = Math.max(0, size - windowBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    return tailOf(buffer.toString('utf8', 0, bytesRead), count);
  } catch {
    return [];
  }
}

/** The last `count` lines of a text that are not empty. */
export function tailOf(text: string, count: number): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-count);
}
