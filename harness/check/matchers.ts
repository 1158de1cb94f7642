// SPDX-License-Identifier: Apache-2.0
import type { Arrival, ArrivalRecorder, Exchange, ProbeResponse } from '../probe/exchange.ts';
import { currentDenials } from './denials.ts';
import { Mismatch } from './expect.ts';

/** Stands for a header that must not be there. */
export const absent = Symbol('absent');

/** What a header or a body should be: this very text, a text that matches the pattern, or, for a header, not there. */
export type TextPattern = string | RegExp;

/** How a denial should look. */
export interface Denial {
  readonly status: number;
  /** Text or pattern of the body; anything by default. */
  readonly body?: TextPattern;
  /** Peers that must not see the request, not even later: the engine asks again when the check ends. */
  readonly before: ArrivalRecorder | readonly ArrivalRecorder[];
}

/** How a refusal should look. */
export interface Refusal {
  /** The layers at which it may happen; `connect` and `tls` by default. */
  readonly layers?: readonly ('connect' | 'tls' | 'tcp' | 'http')[];
  readonly before: ArrivalRecorder | readonly ArrivalRecorder[];
}

/**
 * Holds when an answer with one of the statuses came.
 *
 * @throws Mismatch otherwise.
 */
export function status(exchange: Exchange, ...statuses: readonly number[]): ProbeResponse {
  if (exchange.response && statuses.includes(exchange.response.status)) return exchange.response;
  throw new Mismatch(statuses.join(' or '), outcome(exchange), exchange);
}

/**
 * Holds when the gateway gave the stated answer and none of the peers saw the request.
 *
 * @throws Mismatch otherwise.
 */
export async function denied(exchange: Exchange, denial: Denial): Promise<void> {
  const answered = exchange.response?.status === denial.status;
  const expected = `${denial.status}${denial.body === undefined ? '' : ` with body ${show(denial.body)}`}`;
  const bodyFits = denial.body === undefined || fits(exchange.response?.body ?? '', denial.body);
  const actual = answered && !bodyFits ? `${outcome(exchange)} with body ${excerpt(exchange.response.body)}` : outcome(exchange);
  await unseen(exchange, { holds: answered && bodyFits, expected, actual, before: denial.before });
}

/**
 * Holds when the connection was refused, so that no answer came at all, and none of the peers saw the request.
 *
 * @throws Mismatch otherwise.
 */
export async function refused(exchange: Exchange, refusal: Refusal): Promise<void> {
  const layers = refusal.layers ?? ['connect', 'tls'];
  const holds = exchange.error !== undefined && layers.includes(exchange.error.layer);
  await unseen(exchange, { holds, expected: `refused by ${layers.join(' or ')}`, actual: outcome(exchange), before: refusal.before });
}

/**
 * Holds when none of the requests arrived at any of the peers, whatever the answers were. For a stream of requests that is sent while something changes.
 *
 * @throws Mismatch with the number of requests that did arrive.
 */
export async function unreached(exchanges: readonly Exchange[], before: ArrivalRecorder | readonly ArrivalRecorder[]): Promise<void> {
  for (const recorder of several(before)) {
    const arrived = new Set((await arrivalsAt(recorder)).map((arrival) => arrival.id));
    const through = exchanges.filter((exchange) => arrived.has(exchange.id));
    if (through.length > 0) {
      throw new Mismatch(`0 of ${exchanges.length} requests at ${recorder.name}`, `${through.length} of them arrived`, through[0]);
    }
    for (const exchange of exchanges) currentDenials.getStore()?.add(exchange, recorder);
  }
}

/**
 * Holds when the request was answered with the status (200 by default, over bare TCP with a line) and arrived at the peer exactly once; returns that arrival.
 *
 * @throws Mismatch otherwise.
 */
export async function reached(exchange: Exchange, recorder: ArrivalRecorder, options: { readonly status?: number } = {}): Promise<Arrival> {
  const arrivals = await arrivalsAt(recorder, exchange.id);
  const wanted = options.status ?? (exchange.request.tcp === undefined ? 200 : 0);
  const [arrival] = arrivals;
  if (arrival && arrivals.length === 1 && exchange.response?.status === wanted) return arrival;
  throw new Mismatch(
    `${exchange.request.tcp === undefined ? wanted : 'a line'}, ${count(1)} at ${recorder.name}`,
    `${outcome(exchange)}, ${count(arrivals.length)} at ${recorder.name}`,
    exchange,
  );
}

/**
 * Holds when the header of the answer, or of the request as it arrived, is as expected. Fields that repeat are joined by `, `.
 *
 * @throws Mismatch otherwise.
 */
export function header(message: Exchange | Arrival, name: string, expected: TextPattern | typeof absent): void {
  const isExchange = 'request' in message;
  const headers = isExchange ? message.response?.headers : message.headers;
  const exchange = isExchange ? message : undefined;
  const value = headers?.[name.toLowerCase()]?.join(', ');
  const holds = expected === absent ? value === undefined : value !== undefined && fits(value, expected);
  if (headers && holds) return;
  const wanted = expected === absent ? `no header ${name}` : `header ${name}: ${show(expected)}`;
  const seen = value === undefined ? `no header ${name}` : `header ${name}: ${excerpt(value)}`;
  throw new Mismatch(wanted, headers ? seen : exchange ? outcome(exchange) : 'no headers', exchange);
}

/**
 * Holds when the body of the answer is the text, or matches the pattern.
 *
 * @throws Mismatch otherwise.
 */
export function body(exchange: Exchange, expected: TextPattern): void {
  if (exchange.response && fits(exchange.response.body, expected)) return;
  throw new Mismatch(`body ${show(expected)}`, exchange.response ? `body ${excerpt(exchange.response.body)}` : outcome(exchange), exchange);
}

/**
 * Holds when the two are the same text, number or truth value.
 *
 * @throws Mismatch that names `what`.
 */
export function same(what: string, actual: string | number | boolean | undefined, expected: string | number | boolean): void {
  if (actual !== expected)
    throw new Mismatch(`${what} ${JSON.stringify(expected)}`, `${what} ${actual === undefined ? 'undefined' : JSON.stringify(actual)}`);
}

/**
 * Holds when the condition is true.
 *
 * @throws Mismatch otherwise, with these words.
 */
export function holds(condition: boolean, expected: string, actual: string, exchange?: Exchange): asserts condition {
  if (!condition) throw new Mismatch(expected, actual, exchange);
}

/** What came of a request, in words that do not differ between requests that went alike: `200`, `no answer (tls: ECONNRESET)`. */
export function outcome(exchange: Exchange): string {
  if (exchange.response) return exchange.request.tcp === undefined ? String(exchange.response.status) : 'a line';
  return exchange.error ? `no answer (${exchange.error.layer}: ${exchange.error.code})` : 'no answer';
}

interface Answer {
  readonly holds: boolean;
  readonly expected: string;
  readonly actual: string;
  readonly before: ArrivalRecorder | readonly ArrivalRecorder[];
}

async function unseen(exchange: Exchange, answer: Answer): Promise<void> {
  const recorders = several(answer.before);
  const counts: { readonly name: string; readonly arrivals: number }[] = [];
  for (const recorder of recorders) {
    counts.push({ name: recorder.name, arrivals: (await arrivalsAt(recorder, exchange.id)).length });
  }
  if (answer.holds && counts.every((one) => one.arrivals === 0)) {
    for (const recorder of recorders) currentDenials.getStore()?.add(exchange, recorder);
    return;
  }
  throw new Mismatch(
    [answer.expected, ...counts.map((one) => `${count(0)} at ${one.name}`)].join(', '),
    [answer.actual, ...counts.map((one) => `${count(one.arrivals)} at ${one.name}`)].join(', '),
    exchange,
  );
}

async function arrivalsAt(recorder: ArrivalRecorder, id?: string): Promise<readonly Arrival[]> {
  currentDenials.getStore()?.consulted(recorder);
  return recorder.arrivals(id);
}

const several = (recorders: ArrivalRecorder | readonly ArrivalRecorder[]): readonly ArrivalRecorder[] =>
  'arrivals' in recorders ? [recorders] : recorders;

const count = (arrivals: number): string => `${arrivals} ${arrivals === 1 ? 'arrival' : 'arrivals'}`;

const fits = (text: string, expected: TextPattern): boolean => (typeof expected === 'string' ? text === expected : expected.test(text));

const show = (expected: TextPattern): string => (typeof expected === 'string' ? JSON.stringify(expected) : String(expected));

/** Enough of a text to tell what it is. */
const excerpt = (text: string): string => JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}...` : text);
