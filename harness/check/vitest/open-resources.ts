// SPDX-License-Identifier: Apache-2.0
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Turns of the event loop in which something that is being closed may still be seen. */
const closingTurns = 100;

/** Sockets, servers, pipes, processes and watchers that keep this thread alive, counted by kind. */
export function openResources(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) {
    if (/Wrap$|^HTTP2/i.test(kind) && !/Timer|Immediate/.test(kind)) counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** What is open now and was not before, by kind, once what is being closed had its turns. Values are counts as text, for the report. */
export async function resourcesLeft(before: Readonly<Record<string, number>>): Promise<Readonly<Record<string, string>>> {
  let left = added(before);
  for (let turn = 0; turn < closingTurns && Object.keys(left).length > 0; turn += 1) {
    await nextTurn();
    left = added(before);
  }
  return left;
}

function added(before: Readonly<Record<string, number>>): Readonly<Record<string, string>> {
  const more = Object.entries(openResources()).map(([kind, count]) => [kind, count - (before[kind] ?? 0)] as const);
  return Object.fromEntries(more.filter(([, count]) => count > 0).map(([kind, count]) => [kind, String(count)]));
}
