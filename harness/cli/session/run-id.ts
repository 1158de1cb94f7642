// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';

/** A run's id: its start in UTC and four random letters, so that runs sort by time and two at once never meet. Fits a DNS label. */
export function newRunId(now: Date = new Date(), random: string = randomBytes(2).toString('hex')): string {
  const [date, time] = now.toISOString().split('T');
  return `${(date ?? '').replaceAll('-', '')}-${(time ?? '').slice(0, 8).replaceAll(':', '')}-${random}`;
}
