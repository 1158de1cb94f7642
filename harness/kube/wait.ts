// SPDX-License-Identifier: Apache-2.0
import { setTimeout as pause } from 'node:timers/promises';
import { GauntletError, messageOf } from '../errors.ts';
import { formatDuration, milliseconds, seconds, type Duration } from '../units.ts';
import { apiRefused, ApiRefusal, type ApiConnection, type ApiRequest } from './connection.ts';
import { isNotFound, KindUnknown, resourcePath, type Discovery } from './discovery.ts';
import type { Resource, ResourceReference } from './kube.ts';

/** A list is made anew this often, so that a lost watch event costs no more than that. */
export const relistPeriod = seconds(5);
const retryPause = milliseconds(250);

/** What is waited for. */
export interface Wait {
  readonly reference: ResourceReference;
  readonly what: string;
  readonly condition: (resource: Resource | undefined) => boolean;
  readonly within: Duration;
}

/** {@link Kube.waitFor}: a list says where things stand, a watch from there what changes, and now and then a list again. */
export async function waitForResource(
  connection: ApiConnection,
  discovery: Discovery,
  wait: Wait,
  signal?: AbortSignal,
): Promise<Resource | undefined> {
  const expired = AbortSignal.timeout(wait.within.ms);
  const ended = signal === undefined ? expired : AbortSignal.any([expired, signal]);
  let last: Resource | undefined;
  let trouble: unknown;
  const isOver = () => ended.aborted;
  while (!isOver()) {
    try {
      for await (const state of observe(connection, discovery, wait.reference, ended)) {
        last = state;
        trouble = undefined;
        if (wait.condition(state)) return state;
      }
    } catch (error) {
      if (!isOver() && !isTransient(error)) throw error;
      if (!isOver()) trouble = error;
      if (error instanceof KindUnknown) last = undefined;
    }
    await pause(trouble === undefined ? 0 : retryPause.ms, undefined, { signal: ended }).catch(() => undefined);
  }
  if (signal?.aborted === true) {
    throw new GauntletError('GAUNTLET_INTERRUPTED', `The wait for ${nameOf(wait.reference)} ${wait.what} was interrupted`, {
      hint: 'Run the same command again.',
    });
  }
  const seen = trouble === undefined ? describeState(last) : `${describeState(last)}; then ${messageOf(trouble)}`;
  throw new GauntletError(
    'GAUNTLET_TIMEOUT',
    `Waited ${formatDuration(wait.within)} for ${nameOf(wait.reference)} ${wait.what}; last seen: ${seen}`,
    {
      hint: 'The state above says what is missing; the log of its controller in the run folder says why.',
      cause: trouble,
    },
  );
}

/** The states of one object, from a list on, for at most the re-list period. */
async function* observe(
  connection: ApiConnection,
  discovery: Discovery,
  reference: ResourceReference,
  signal: AbortSignal,
): AsyncGenerator<Resource | undefined> {
  const kind = await discovery.find(reference);
  const path = resourcePath(reference.apiVersion, kind, { namespace: reference.namespace });
  const fieldSelector = `metadata.name=${reference.name}`;
  const list: ApiRequest = { method: 'GET', path, query: { fieldSelector }, signal };
  const answer = await connection.request(list);
  if (answer.status !== 200) throw apiRefused(list, answer);
  const { items, metadata } = JSON.parse(answer.text) as { items: Resource[]; metadata: { resourceVersion: string } };
  const found = items[0];
  yield found === undefined ? undefined : { ...found, apiVersion: reference.apiVersion, kind: reference.kind };

  const query = { fieldSelector, watch: 'true', resourceVersion: metadata.resourceVersion, timeoutSeconds: String(relistPeriod.ms / 1000) };
  for await (const line of connection.lines({ method: 'GET', path, query, signal })) {
    const event = JSON.parse(line) as { type: string; object: Resource };
    // 410 Gone and its like: the next list starts over.
    if (event.type === 'ERROR') return;
    if (event.type === 'BOOKMARK') continue;
    yield event.type === 'DELETED' ? undefined : event.object;
  }
}

/** What may heal by itself while one waits: a server that restarts, a kind that is still to come. Anything else never will. */
function isTransient(error: unknown): boolean {
  if (isNotFound(error)) return true;
  if (error instanceof ApiRefusal) return error.status === 410 || error.status === 429 || error.status >= 500;
  return error instanceof GauntletError && error.code === 'GAUNTLET_API';
}

/** An object as messages name it: `Gateway shop/front`. */
export function nameOf(reference: ResourceReference): string {
  return `${reference.kind} ${reference.namespace === undefined ? '' : `${reference.namespace}/`}${reference.name}`;
}

/** The state of an object in one line: its conditions wherever they stand in the status, else the status itself. */
export function describeState(resource: Resource | undefined): string {
  if (resource === undefined) return 'it does not exist';
  const conditions = conditionsIn(resource['status']);
  const deleting = resource.metadata.deletionTimestamp === undefined ? [] : ['being deleted'];
  const generation = resource.metadata.generation === undefined ? [] : [`generation ${resource.metadata.generation}`];
  const status =
    conditions.length > 0
      ? conditions
      : [`status ${(JSON.stringify(resource['status']) as string | undefined)?.slice(0, 1000) ?? 'absent'}`];
  return [...generation, ...deleting, ...status].join(', ');
}

function conditionsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(conditionsIn);
  if (typeof value !== 'object' || value === null) return [];
  const { type, status, reason, message, observedGeneration } = value as Record<string, unknown>;
  if (typeof type === 'string' && typeof status === 'string') {
    const details = [reason, message].filter((part) => typeof part === 'string' && part !== '').join(': ');
    const observed = typeof observedGeneration === 'number' ? ` observed ${observedGeneration}` : '';
    return [`${type}=${status}${details === '' ? '' : ` (${details})`}${observed}`];
  }
  return Object.values(value).flatMap(conditionsIn);
}
