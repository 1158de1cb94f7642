// SPDX-License-Identifier: Apache-2.0
import { setTimeout as pause } from 'node:timers/promises';
import { GauntletError } from '../errors.ts';
import { milliseconds, seconds } from '../units.ts';
import { apiRefused, ApiRefusal, type ApiConnection, type ApiRequest } from './connection.ts';
import { isNotFound, resourcePath, type Discovery } from './discovery.ts';
import type { Resource } from './kube.ts';

/** A list is made anew this often, so that a lost watch event costs no more than that. */
export const relistPeriod = seconds(5);
/** Before what failed and may heal is tried again. */
export const retryPause = milliseconds(250);

/** What is observed: objects of a kind, in a namespace if the kind has them; one of them or all. */
export interface Observed {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** {@link Kube.watch}: observes again and again, whatever comes between, until the signal is aborted. */
export async function* watchResources(
  connection: ApiConnection,
  discovery: Discovery,
  observed: Observed,
  signal: AbortSignal,
): AsyncGenerator<readonly Resource[]> {
  const isOver = () => signal.aborted;
  while (!isOver()) {
    try {
      yield* observe(connection, discovery, observed, signal);
    } catch (error) {
      if (!isOver() && !isTransient(error)) throw error;
      await pause(retryPause.ms, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** What there is, each time that it changes: a list says where things stand, a watch from there what changes, for at most the re-list period. */
export async function* observe(
  connection: ApiConnection,
  discovery: Discovery,
  { apiVersion, kind, namespace, name }: Observed,
  signal: AbortSignal,
): AsyncGenerator<readonly Resource[]> {
  const path = resourcePath(apiVersion, await discovery.find({ apiVersion, kind }), { namespace });
  const fieldSelector = name === undefined ? undefined : `metadata.name=${name}`;
  const list: ApiRequest = { method: 'GET', path, query: { fieldSelector }, signal };
  const answer = await connection.request(list);
  if (answer.status !== 200) throw apiRefused(list, answer);
  const { items, metadata } = JSON.parse(answer.text) as { items: Resource[]; metadata: { resourceVersion: string } };
  // The server leaves these two away in the items of a list.
  const states = new Map(items.map((item) => [item.metadata.name, { ...item, apiVersion, kind }]));
  yield [...states.values()];

  const query = { fieldSelector, watch: 'true', resourceVersion: metadata.resourceVersion, timeoutSeconds: String(relistPeriod.ms / 1000) };
  for await (const line of connection.lines({ method: 'GET', path, query, signal })) {
    const event = JSON.parse(line) as { type: string; object: Resource };
    // 410 Gone and its like: the next list starts over.
    if (event.type === 'ERROR') return;
    if (event.type === 'BOOKMARK') continue;
    if (event.type === 'DELETED') states.delete(event.object.metadata.name);
    else states.set(event.object.metadata.name, { ...event.object, apiVersion, kind });
    yield [...states.values()];
  }
}

/** What may heal by itself while one waits: a server that restarts, a kind that is still to come. Anything else never will. */
export function isTransient(error: unknown): boolean {
  if (isNotFound(error)) return true;
  if (error instanceof ApiRefusal) return error.status === 410 || error.status === 429 || error.status >= 500;
  return error instanceof GauntletError && error.code === 'GAUNTLET_API';
}
