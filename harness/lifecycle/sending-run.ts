// SPDX-License-Identifier: Apache-2.0
import { openTransport, type Transport } from './carriers.ts';
import { scheduleOf } from './schedule.ts';
import { carriers, type GeneratorSettings, type Sending, type Sent } from './streams.ts';

/** Requests that are being sent at a constant rate. */
export interface SendingRun {
  /** From now on this share of the rate. */
  pace(share: number): void;
  /** What is sent from now on goes over new connections; returns once nothing is under way on older ones. */
  renew(): Promise<void>;
  /** Sends nothing more, and waits for what is under way. */
  stop(): Promise<Omit<Sent, 'sendings'>>;
}

/** Slots that are later than this are not made up for: a burst afterwards would look like a rate that was never there. */
const mostLateMs = 25;
/** About what lies between two slots of a cell; looking more often costs a twentieth of a core. */
const tickMs = 2;
const reportEveryMs = 50;

const now = (): number => performance.timeOrigin + performance.now();

/** Starts sending; `report` is told of what has ended, all of it before {@link SendingRun.stop} returns. */
export function startSending(settings: GeneratorSettings, report: (ended: readonly Sending[]) => void): SendingRun {
  const schedule = scheduleOf(settings.streams, settings.shares);
  const transports = new Map<string, Transport>();
  const underWay = new Set<Promise<void>>();
  const startedAt = now();
  let ended: Sending[] = [];
  let [dueAt, everyMs] = [startedAt, schedule.everyMs];
  let [nextSlot, number, missed, isStopped] = [0, 0, 0, false];

  const transportFor = (stream: number, carrier: number): Transport => {
    const key = `${stream}/${carrier}`;
    const known = transports.get(key);
    if (known !== undefined) return known;
    const [of, over] = [settings.streams[stream], carriers[carrier]];
    if (of === undefined || over === undefined) throw new Error(`no stream ${stream} or carrier ${carrier}`);
    const opened = openTransport(over, of.request, settings);
    transports.set(key, opened);
    return opened;
  };
  const launch = (slotNumber: number): void => {
    const { stream, carrier } = schedule.slot(slotNumber);
    const [mine, due] = [number, dueAt];
    number += 1;
    const sentAt = now();
    const sending = transportFor(stream, carrier)
      .send(`${settings.idPrefix}${mine}`)
      .then((came) => void ended.push({ number: mine, stream, carrier, dueAt: due, sentAt, endedAt: now(), ...came }));
    underWay.add(sending);
    void sending.then(() => underWay.delete(sending));
  };
  const tick = (): void => {
    const at = now();
    for (; dueAt <= at && !isStopped; dueAt += everyMs) {
      if (at - dueAt > mostLateMs || underWay.size >= settings.mostInFlight) missed += 1;
      else launch(nextSlot);
      nextSlot += 1;
    }
    if (!isStopped) setTimeout(tick, tickMs);
  };
  const tell = (): void => {
    if (ended.length === 0) return;
    report(ended);
    ended = [];
  };
  const reporter = setInterval(tell, reportEveryMs);
  tick();

  return {
    pace: (share) => void (everyMs = schedule.everyMs / share),
    renew: async () => {
      const before = [...underWay];
      for (const transport of transports.values()) transport.renew();
      await Promise.all(before);
    },
    stop: async () => {
      isStopped = true;
      const endedAt = now();
      await Promise.all(underWay);
      clearInterval(reporter);
      tell();
      for (const transport of transports.values()) transport.close();
      return { startedAt, endedAt, missed };
    },
  };
}
