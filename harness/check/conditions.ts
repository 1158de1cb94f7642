// SPDX-License-Identifier: Apache-2.0
import type { Resource } from '../kube/kube.ts';
import { Mismatch } from './expect.ts';

/** A status condition, wherever in the status it stands. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number;
  /** Whose word it is: a listener (`listener https`), a parent of a route (`parent gw`), an ancestor of a policy; empty for the object's own. */
  readonly of: string;
}

/** What a condition should be; what is left out may be anything. */
export interface ExpectedCondition {
  /** `True` by default. */
  readonly status?: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  /** A text that the message contains, or a pattern. */
  readonly message?: string | RegExp;
  /** Only conditions of this listener, parent or ancestor: `listener https`, `parent gw`. Any of the object's by default. */
  readonly of?: string;
}

/** All conditions of an object: its own, its listeners', and those that controllers wrote per parent or ancestor. */
export function conditionsOf(resource: Resource | undefined): readonly Condition[] {
  const status = record(resource?.['status']);
  return [
    ...read(status['conditions'], ''),
    ...list(status['listeners']).flatMap((listener) => read(listener['conditions'], `listener ${text(listener['name'])}`)),
    ...list(status['parents']).flatMap((parent) => read(parent['conditions'], `parent ${text(record(parent['parentRef'])['name'])}`)),
    ...list(status['ancestors']).flatMap((ancestor) =>
      read(ancestor['conditions'], `ancestor ${text(record(ancestor['ancestorRef'])['name'])}`),
    ),
  ];
}

/**
 * Holds when the object has the condition as expected, observed at the object's present generation: a condition of an older one says nothing.
 *
 * @throws Mismatch otherwise.
 */
export function condition(resource: Resource | undefined, type: string, expected: ExpectedCondition = {}): Condition {
  const wanted = describeExpected(type, expected);
  if (!resource) throw new Mismatch(wanted, 'no such object');
  const candidates = conditionsOf(resource).filter((one) => one.type === type && (expected.of === undefined || one.of === expected.of));
  const current = candidates.filter(
    (one) => one.observedGeneration === undefined || one.observedGeneration >= (resource.metadata.generation ?? 0),
  );
  const found = current.find((one) => matches(one, expected));
  if (found) return found;
  const seen = current[0] ?? candidates[0];
  const stale = seen !== undefined && current.length === 0 ? ' of an older generation' : '';
  throw new Mismatch(wanted, seen ? `${formatCondition(seen)}${stale}` : `no condition ${type}`);
}

/** A condition as a person reads it: `listener https Programmed=False (Invalid): message`. */
export function formatCondition(one: Condition): string {
  const reason = one.reason === '' ? '' : ` (${one.reason})`;
  const message = one.message === '' ? '' : `: ${one.message}`;
  return `${one.of === '' ? '' : `${one.of} `}${one.type}=${one.status}${reason}${message}`;
}

function describeExpected(type: string, expected: ExpectedCondition): string {
  const of = expected.of === undefined ? '' : `${expected.of} `;
  const reason = expected.reason === undefined ? '' : ` (${expected.reason})`;
  const message = expected.message === undefined ? '' : `, message ${String(expected.message)}`;
  return `${of}${type}=${expected.status ?? 'True'}${reason}${message}`;
}

function matches(one: Condition, expected: ExpectedCondition): boolean {
  if (one.status !== (expected.status ?? 'True')) return false;
  if (expected.reason !== undefined && one.reason !== expected.reason) return false;
  if (expected.message === undefined) return true;
  return typeof expected.message === 'string' ? one.message.includes(expected.message) : expected.message.test(one.message);
}

function read(conditions: unknown, of: string): Condition[] {
  return list(conditions).map((one) => ({
    type: text(one['type']),
    status: text(one['status']),
    reason: text(one['reason']),
    message: text(one['message']),
    of,
    ...(typeof one['observedGeneration'] === 'number' ? { observedGeneration: one['observedGeneration'] } : {}),
  }));
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(record) : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
