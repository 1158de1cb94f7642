// SPDX-License-Identifier: Apache-2.0
import type { Bin, CellResult, CellVerdict, GeneratorHealth, Leak, Mark, Outage, Spell } from './cell-result.ts';
import { detectionProbability, openingLengths } from './detection.ts';
import { carriers, isOfThisMachine, type Sending, type Sent, type Stream } from './streams.ts';

/** Everything that is known of a cell when it is over. Times are milliseconds since the epoch. */
export interface CellRecord {
  readonly streams: readonly Stream[];
  readonly idPrefix: string;
  readonly sent: Sent;
  /** Ids that the backend saw. */
  readonly arrived: ReadonlySet<string>;
  /** When the event was. */
  readonly eventAt: number;
  /** Whether the watch went on for as long as it may because something still passed. */
  readonly watchedOut: boolean;
  /** From when on forbidden requests must be denied. */
  readonly forbiddenFrom: number;
  /** When a policy was written that comes late: what passes from then on until {@link forbiddenFrom} is convergence and no leak. */
  readonly writtenAt?: number;
  /** So many forbidden requests may pass: what a rate limit grants. */
  readonly allowance: number;
  /** Ids that an opening by force let through; for the cells of the instrument. */
  readonly letThrough?: ReadonlySet<string>;
  /** Times in which allowed requests may fail. */
  readonly mayFail: readonly Interval[];
  readonly marks: readonly (Omit<Mark, 'atMs'> & { readonly at: number })[];
  /** Times in which the API called the policy and its route fine. */
  readonly green: readonly Interval[];
}

/** A stretch of time, in milliseconds since the epoch. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** A leak counts as going on at the end of the longest watch if one was in its last part, this long. */
export const tailMs = 400;
/** After so long without one, the next begins a spell of its own. */
const apartMs = 250;
/** Widths of the bins of a picture: fine where there is something to see. */
const fineBinMs = 50;
const coarseBinMs = 200;
const keptExamples = 5;

/** What a cell came to. */
export function judgeCell(record: CellRecord): CellResult {
  const { sent, eventAt, forbiddenFrom } = record;
  const since = (at: number): number => Math.round((at - eventAt) * 10) / 10;
  const watched = sent.sendings.filter(({ sentAt }) => sentAt >= forbiddenFrom);
  const forbidden = watched.filter((sending) => isForbidden(record, sending));
  const passed = forbidden.filter((sending) => hasArrived(record, sending)).slice(record.allowance);
  const leak = leakOf(record, forbidden, passed, since);
  const outage = outageOf(record, since);
  const isOpen = record.watchedOut && passed.some(({ sentAt }) => sentAt > sent.endedAt - tailMs);
  const verdict: CellVerdict = leak === undefined ? (outage === undefined ? 'held' : 'outage') : isOpen ? 'open' : 'leaked';
  const sentAt = forbidden.map((sending) => sending.sentAt);
  const watch = { from: Math.max(forbiddenFrom, sent.startedAt), to: sent.endedAt };
  return {
    verdict,
    watch: { fromMs: since(watch.from), toMs: since(watch.to) },
    ...(leak === undefined ? {} : { leak }),
    ...(outage === undefined ? {} : { outage }),
    ...convergence(record),
    ...recovery(record),
    ...letThrough(record, forbidden, passed),
    marks: record.marks.map(({ at, kind, text }) => ({ atMs: since(at), kind, text })).toSorted((a, b) => a.atMs - b.atMs),
    generator: healthOf(record, sentAt, watch),
    detection: Object.fromEntries(openingLengths.map((length) => [String(length), detectionProbability(sentAt, watch, length)])),
    bins: binsOf(record, since, verdict === 'held' ? coarseBinMs : fineBinMs),
  };
}

function leakOf(
  record: CellRecord,
  forbidden: readonly Sending[],
  passed: readonly Sending[],
  since: (at: number) => number,
): Leak | undefined {
  if (passed.length === 0) return undefined;
  return {
    requests: passed.length,
    of: forbidden.length,
    spells: spellsOf(passed, since),
    by: tally(passed, ({ stream, carrier }) => `${record.streams[stream]?.name ?? ''} over ${carriers[carrier] ?? ''}`),
    whileGreen: passed.some(({ sentAt }) => record.green.some(({ from, to }) => sentAt >= from && sentAt <= to)),
    examples: passed.slice(0, keptExamples).map(({ number }) => `${record.idPrefix}${number}`),
  };
}

/** What should have been served is what was sent after the first step (what was sent before found nothing), outside of the times in which it may fail, and did not run into one before it ended. */
function outageOf(record: CellRecord, since: (at: number) => number): Outage | undefined {
  const begunAt = record.marks.find(({ kind }) => kind !== 'status' && kind !== 'log')?.at ?? 0;
  const due = record.sent.sendings.filter(
    (sending) => sending.sentAt >= begunAt && isAllowed(record, sending) && !mayFail(record, sending),
  );
  const failed = due.filter((sending) => !isServed(record, sending));
  if (failed.length === 0) return undefined;
  const by = tally(failed, ({ status, error, carrier }) => `${error ?? String(status)} over ${carriers[carrier] ?? ''}`);
  const beside = record.sent.sendings
    .filter((sending) => isControl(record, sending) && !mayFail(record, sending))
    .filter(({ sentAt, endedAt }) => failed.some((one) => sentAt <= one.endedAt && endedAt >= one.sentAt))
    .map(({ sentAt, endedAt }) => endedAt - sentAt);
  return {
    requests: failed.length,
    of: due.length,
    spells: spellsOf(failed, since),
    by,
    ...(beside.length === 0 ? {} : { slowestControlMs: Math.round(Math.max(...beside)) }),
  };
}

/** A moment after a deletion and another after the restoration are two, and not all the time between them. */
function spellsOf(sendings: readonly Sending[], since: (at: number) => number): readonly Spell[] {
  const spells: { fromMs: number; toMs: number; requests: number }[] = [];
  for (const { sentAt } of sendings) {
    const at = since(sentAt);
    const last = spells.at(-1);
    if (last === undefined || at - last.toMs > apartMs) spells.push({ fromMs: at, toMs: at, requests: 1 });
    else Object.assign(last, { toMs: at, requests: last.requests + 1 });
  }
  return spells;
}

function convergence(record: CellRecord): Pick<CellResult, 'convergedMs'> {
  const { writtenAt, forbiddenFrom, sent } = record;
  if (writtenAt === undefined) return {};
  const late = sent.sendings.filter(
    (sending) =>
      sending.sentAt >= writtenAt && sending.sentAt < forbiddenFrom && isForbidden(record, sending) && hasArrived(record, sending),
  );
  return { convergedMs: Math.round((late.at(-1)?.sentAt ?? writtenAt) - writtenAt) };
}

/** From the beginning of the last time in which service may fail to the sending of the last request that did. */
function recovery(record: CellRecord): Pick<CellResult, 'recoveredMs'> {
  const last = record.mayFail.at(-1);
  const restored = record.marks.findLast(({ kind }) => kind === 'restored')?.at;
  if (last === undefined || restored === undefined) return {};
  const failed = record.sent.sendings.findLast(
    (sending) => isAllowed(record, sending) && sending.sentAt >= restored && !isServed(record, sending),
  );
  return { recoveredMs: Math.round((failed?.sentAt ?? restored) - restored) };
}

function letThrough(
  { letThrough, idPrefix }: CellRecord,
  forbidden: readonly Sending[],
  passed: readonly Sending[],
): Pick<CellResult, 'letThrough'> {
  if (letThrough === undefined) return {};
  const opened = forbidden.filter(({ number }) => letThrough.has(`${idPrefix}${number}`));
  const counted = new Set(passed);
  return { letThrough: { requests: opened.length, uncounted: opened.filter((sending) => !counted.has(sending)).length } };
}

function healthOf(record: CellRecord, forbiddenSentAt: readonly number[], watch: Interval): GeneratorHealth {
  const { sent } = record;
  // While service may fail nobody may be there to answer, and that is not the machine.
  const control = sent.sendings
    .filter((sending) => isControl(record, sending) && !mayFail(record, sending))
    .map(({ sentAt, endedAt }) => endedAt - sentAt)
    .toSorted((a, b) => a - b);
  const unsent = sent.sendings.filter(({ error }) => isOfThisMachine(error)).length;
  const late = sent.sendings.map(({ sentAt, dueAt }) => sentAt - dueAt).toSorted((a, b) => a - b);
  const moments = [watch.from, ...forbiddenSentAt, watch.to];
  const gaps = moments.slice(1).map((at, index) => at - (moments[index] ?? at));
  return {
    sent: sent.sendings.length,
    missed: sent.missed,
    forbidden: forbiddenSentAt.length,
    late99Ms: Math.round((late[Math.floor(late.length * 0.99)] ?? 0) * 10) / 10,
    longestGapMs: Math.round(gaps.reduce((longest, gap) => Math.max(longest, gap), 0)),
    ...(unsent === 0 ? {} : { unsent }),
    ...(control.length === 0 ? {} : { control95Ms: Math.round(control[Math.floor(control.length * 0.95)] ?? 0) }),
  };
}

function binsOf(record: CellRecord, since: (at: number) => number, binMs: number): readonly Bin[] {
  const bins = new Map<number, { denied: number; passed: number; served: number; failed: number }>();
  for (const sending of record.sent.sendings) {
    if (isControl(record, sending)) continue;
    const fromMs = Math.floor(since(sending.sentAt) / binMs) * binMs;
    const bin = bins.get(fromMs) ?? { denied: 0, passed: 0, served: 0, failed: 0 };
    if (isForbidden(record, sending)) bin[hasArrived(record, sending) ? 'passed' : 'denied'] += 1;
    else bin[isServed(record, sending) ? 'served' : 'failed'] += 1;
    bins.set(fromMs, bin);
  }
  return [...bins].map(([fromMs, counts]) => ({ fromMs, ...counts })).toSorted((a, b) => a.fromMs - b.fromMs);
}

/** Whether it was under way in a time in which service may fail. */
const mayFail = (record: CellRecord, { sentAt, endedAt }: Sending): boolean =>
  record.mayFail.some(({ from, to }) => endedAt >= from && sentAt <= to);
const isForbidden = ({ streams }: CellRecord, { stream }: Sending): boolean => streams[stream]?.forbidden === true;
const isControl = ({ streams }: CellRecord, { stream }: Sending): boolean => streams[stream]?.control === true;
const isAllowed = (record: CellRecord, sending: Sending): boolean => !isForbidden(record, sending) && !isControl(record, sending);
const hasArrived = ({ arrived, idPrefix }: CellRecord, { number }: Sending): boolean => arrived.has(`${idPrefix}${number}`);
const isServed = (record: CellRecord, sending: Sending): boolean => sending.status === 200 && hasArrived(record, sending);

function tally(sendings: readonly Sending[], nameOf: (sending: Sending) => string): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const sending of sendings) counts.set(nameOf(sending), (counts.get(nameOf(sending)) ?? 0) + 1);
  return Object.fromEntries(counts);
}
