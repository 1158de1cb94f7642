// SPDX-License-Identifier: Apache-2.0
import type { CheckEnded, PlannedExecution } from '../../run/events.ts';
import type { Check, CheckContext } from '../check.ts';
import { createEngine } from '../engine.ts';
import { status } from '../matchers.ts';
import { fakeEndpoint } from './fake-gateway.ts';
import { sampleCheck, sampleEngine } from './sample.ts';

/** What a check is executed in. */
export type World = ReturnType<typeof sampleEngine>;
/** What a check does. */
export type Run = (context: CheckContext, world: World) => Promise<void>;

/** Makes a way to execute a check once, that gives its last word with everything around it; evidence goes to the folder. */
export const executeOnceIn =
  (directory: string) =>
  async (
    run: Run,
    more: {
      readonly check?: Partial<Check>;
      readonly engine?: Parameters<typeof sampleEngine>[1];
      readonly sabotage?: string;
      readonly signal?: AbortSignal;
      readonly prepare?: (world: World) => void;
    } = {},
  ) => {
    const world = sampleEngine(directory, more.engine);
    more.prepare?.(world);
    const check = sampleCheck((context) => run(context, world), more.check);
    const planned: PlannedExecution =
      more.sabotage === undefined ? { execution: check.id } : { execution: `${check.id}@${more.sabotage}`, sabotage: more.sabotage };
    const outcome = await createEngine(world.options).execute(check, planned, more.signal ?? new AbortController().signal);
    const ended = world.events.find((event): event is CheckEnded => event.type === 'check-ended');
    if (!ended) throw new Error('the engine did not say how the check ended');
    return { ...world, outcome, ended, types: world.events.map((event) => event.type) };
  };

/** Holds as long as the gateway answers with 200. */
export const passing: Run = async ({ expect, probe }) =>
  expect.now('serves', async () => void status(await probe.send(fakeEndpoint, {}), 200));

/** Does not hold as long as the gateway answers with 200. */
export const failing: Run = async ({ expect, probe }) =>
  expect.now('denied', async () => void status(await probe.send(fakeEndpoint, {}), 401));
