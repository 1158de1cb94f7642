// SPDX-License-Identifier: Apache-2.0
import type { CellResult } from '../../harness/lifecycle/cell-result.ts';
import { formatDuration } from '../../harness/units.ts';

/** What leaked, in a sentence; empty if nothing did. */
export function describeLeak({ leak, marks }: CellResult): string {
  if (leak === undefined) return '';
  const { requests, of, firstMs, lastMs, whileGreen, by } = leak;
  const event = marks.find(({ kind }) => kind === 'event')?.text ?? 'the event';
  const where = Object.entries(by)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ');
  const span = `from ${firstMs} to ${lastMs} ms after: ${event}`;
  return `${requests} of ${of} requests, ${span}; ${where}${whileGreen ? '; policy and route said that all is well' : ''}`;
}

/** What was not served, in a sentence; empty if everything was. */
export function describeOutage({ outage }: CellResult): string {
  if (outage === undefined) return '';
  const { requests, of, firstMs, lastMs, by } = outage;
  const what = Object.entries(by)
    .map(([answer, count]) => `${count} x ${answer}`)
    .join(', ');
  return `${requests} of ${of} failed, for ${formatDuration({ ms: lastMs - firstMs })} from ${firstMs} ms after the event: ${what}`;
}
