// SPDX-License-Identifier: Apache-2.0
// The thread of a generator: nothing else runs in it, so that what it sends is late only when the machine is.
import { readlinkSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { basename } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { openTransport, type Transport } from './carriers.ts';
import { scheduleOf } from './schedule.ts';
import { carriers, type GeneratorSettings, type Sending, type Sent } from './streams.ts';

/** What the thread says: what has ended since it last spoke, and at the end everything. */
export type ThreadMessage =
  | { readonly type: 'ended'; readonly sendings: readonly Sending[] }
  | { readonly type: 'renewed' }
  | { readonly type: 'stopped'; readonly sent: Sent };

/** What the thread is told. */
export type ThreadCommand = 'renew' | 'stop';

/** Slots that are later than this are not made up for: a burst afterwards would look like a rate that was never there. */
const mostLateMs = 25;
/** About what lies between two slots of a cell; looking more often costs a twentieth of a core. */
const tickMs = 2;
const reportEveryMs = 50;

const settings = workerData as GeneratorSettings;
const now = (): number => performance.timeOrigin + performance.now();
const schedule = scheduleOf(settings.streams, settings.shares);
const transports = new Map<string, Transport>();
const sendings: Sending[] = [];
const underWay = new Set<Promise<void>>();
const startedAt = now();
let [nextSlot, number, missed, reported, isStopped] = [0, 0, 0, 0, false];

preferThisThread();
parentPort?.on('message', (command: ThreadCommand) => void (command === 'stop' ? stop() : renew()));
tick();
const reporter = setInterval(report, reportEveryMs);

/** On a busy machine the rate must hold; allowed on Linux for root, and elsewhere the health of the cell says how it went. */
function preferThisThread(): void {
  try {
    const thread = Number(basename(readlinkSync('/proc/thread-self')));
    setPriority(thread, constants.priority.PRIORITY_HIGHEST);
  } catch {
    // Not Linux, or not allowed.
  }
}

function tick(): void {
  const at = now();
  for (;;) {
    const dueAt = startedAt + nextSlot * schedule.everyMs;
    if (dueAt > at || isStopped) break;
    if (at - dueAt > mostLateMs || underWay.size >= settings.mostInFlight) missed += 1;
    else launch(nextSlot, dueAt);
    nextSlot += 1;
  }
  if (!isStopped) setTimeout(tick, tickMs);
}

function launch(slotNumber: number, dueAt: number): void {
  const { stream, carrier } = schedule.slot(slotNumber);
  const mine = number;
  number += 1;
  const sentAt = now();
  const sending = transportFor(stream, carrier)
    .send(`${settings.idPrefix}${mine}`)
    .then((came) => void sendings.push({ number: mine, stream, carrier, dueAt, sentAt, endedAt: now(), ...came }));
  underWay.add(sending);
  void sending.then(() => underWay.delete(sending));
}

function transportFor(stream: number, carrier: number): Transport {
  const key = `${stream}/${carrier}`;
  const known = transports.get(key);
  if (known !== undefined) return known;
  const [of, over] = [settings.streams[stream], carriers[carrier]];
  if (of === undefined || over === undefined) throw new Error(`no stream ${stream} or carrier ${carrier}`);
  const opened = openTransport(over, of.request, settings);
  transports.set(key, opened);
  return opened;
}

function report(): void {
  if (reported === sendings.length) return;
  say({ type: 'ended', sendings: sendings.slice(reported) });
  reported = sendings.length;
}

async function renew(): Promise<void> {
  const before = [...underWay];
  for (const transport of transports.values()) transport.renew();
  await Promise.all(before);
  say({ type: 'renewed' });
}

async function stop(): Promise<void> {
  isStopped = true;
  const endedAt = now();
  await Promise.all(underWay);
  clearInterval(reporter);
  report();
  for (const transport of transports.values()) transport.close();
  say({ type: 'stopped', sent: { startedAt, endedAt, sendings: sendings.toSorted((a, b) => a.number - b.number), missed } });
  parentPort?.close();
}

function say(message: ThreadMessage): void {
  parentPort?.postMessage(message);
}
