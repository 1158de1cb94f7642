// SPDX-License-Identifier: Apache-2.0
import { setTimeout as pause } from 'node:timers/promises';
import { GauntletError, messageOf } from '../errors.ts';
import { formatDuration, type Duration } from '../units.ts';
import type { ApiConnection } from './connection.ts';
import { KindUnknown, type Discovery } from './discovery.ts';
import type { Resource, ResourceReference } from './kube.ts';
import { isTransient, observe, retryPause } from './watch.ts';

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
      for await (const [state] of observe(connection, discovery, wait.reference, ended)) {
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
