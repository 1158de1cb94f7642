// SPDX-License-Identifier: Apache-2.0
import { setTimeout as pause } from 'node:timers/promises';
import type { Check, CheckContext } from '../../harness/check/check.ts';
import { holds } from '../../harness/check/matchers.ts';
import { GauntletError } from '../../harness/errors.ts';
import type { CellResult } from '../../harness/lifecycle/cell-result.ts';
import { startGenerator, type Generator } from '../../harness/lifecycle/generator.ts';
import { judgeCell, type Interval } from '../../harness/lifecycle/judge.ts';
import type { Stream } from '../../harness/lifecycle/streams.ts';
import { formatDuration, milliseconds, seconds } from '../../harness/units.ts';
import { cellResources } from './cell-resources.ts';
import { createPlay, isOpen, Notes, now } from './cell-play.ts';
import { defineCell } from './define-cell.ts';
import type { EventRow } from './event-row.ts';
import { levelTitles, type Level } from './levels.ts';
import type { PolicyRow, PreparedPolicy } from './policy-row.ts';
import type { Stage } from './stage.ts';

/** Of 550 requests a second, as many forbidden ones as the matrix promises; the allowed ones beside them show whether there is any service. */
const rates = { anonymous: 250, wrong: 250, allowed: 50 };
const shares = { 'http/1.1 kept': 10, 'http/1.1 fresh': 3, 'h2 kept': 6, 'h2 fresh': 1 };

/** An opening is watched for so long; what is still open then counts as open for good. Longer than any cache or timeout of the cells' policies. */
const longestOpening = seconds(20);
/** Longer than a gateway takes to follow. */
const openedByForce = milliseconds(1500);
/** Requests go on for so long after the last step. */
const lastLook = milliseconds(600);

/** What a cell claims is reckoned from what was sent; beyond this too little was. */
const mostMissed = 0.25;
const longestGap = milliseconds(250);

const closed = 'nothing that is forbidden reaches the backend';
const served = 'what is allowed is served when it should be';

/** The check of one cell. */
export function cellCheck(policyRow: PolicyRow, event: EventRow, level: Level): Check {
  return defineCell({
    id: `${policyRow.id}.${event.id}.${level}`,
    title: `${policyRow.title} on ${levelTitles[level]} holds: ${event.title}`,
    feature: policyRow.feature,
    priority: event.telling === true ? 'P0' : 'P1',
    serial: event.serial ?? false,
    async run(context) {
      const { expect, stages, tellCell } = context;
      const stage = await stages.take(context);
      const result = await playCell(context, stage, { policyRow, event, level });
      // One that could not be brought back to what it was is not given to anyone else.
      if (await isAsBefore(context, stage)) stages.giveBack(stage);
      tellCell({ policy: policyRow.id, event: event.id, level }, result);
      await expect.now(closed, () =>
        holds(result.leak === undefined, 'none', result.leak === undefined ? '' : `${result.verdict}: ${describeLeak(result)}`),
      );
      await expect.now(served, () => holds(result.outage === undefined, 'all', describeOutage(result)));
    },
  });
}

interface Cell {
  readonly policyRow: PolicyRow;
  readonly event: EventRow;
  readonly level: Level;
}

async function playCell(context: Parameters<Parameters<typeof defineCell>[0]['run']>[0], stage: Stage, cell: Cell): Promise<CellResult> {
  const { event, level, policyRow } = cell;
  const host = context.hostname();
  const policy = await policyRow.prepare(stage);
  await stage.echo.forgetArrivals();
  const resources = cellResources({ context, stage, host, level, policies: context.policies, policy });
  const streams = streamsOf(policy);
  const idPrefix = `${context.namespace}-`;
  const notes = new Notes();
  const startedAt = now();
  await using generator = startGenerator({
    endpoint: stage.gateway.endpoint(stage.listener),
    host,
    streams,
    shares,
    idPrefix,
    timeoutMs: context.budgets.request.ms,
    mostInFlight: 512,
  });
  const play = createPlay({ context, stage, policy, resources, generator, streams, notes });
  const statuses = watchStatuses(context, resources, notes);
  try {
    const isArmed = event.starts === 'bare' || (await arm(play, notes));
    if (isArmed) {
      await event.play(play);
      if (context.sabotaged('opened')) await openByForce(play);
      await pause(lastLook.ms, undefined, { signal: context.signal });
    }
    await whileOpen(generator, streams, context.signal);
    notes.served();
    const sent = await generator.stop();
    const green = await statuses.stop();
    const arrived = new Set(await stage.echo.arrivedIds());
    const result = judgeCell({
      streams,
      idPrefix,
      sent,
      arrived,
      eventAt: notes.eventAt ?? notes.forbiddenFrom ?? startedAt,
      forbiddenFrom: notes.forbiddenFrom ?? startedAt,
      ...(notes.writtenAt === undefined ? {} : { writtenAt: notes.writtenAt }),
      allowance: policy.allowance ?? 0,
      mayFail: notes.mayFail,
      marks: notes.marks,
      green,
    });
    assertHealthy(result);
    if (!isArmed && result.leak === undefined) throw neverServed(result);
    return result;
  } finally {
    await statuses.stop();
    await policy.server?.restore();
    await resources.clear();
  }
}

function streamsOf({ anonymous, wrong, allowed }: PreparedPolicy): readonly Stream[] {
  return [
    { name: 'anonymous', forbidden: true, perSecond: rates.anonymous, request: anonymous },
    { name: 'wrong', forbidden: true, perSecond: rates.wrong, request: wrong },
    { name: 'allowed', forbidden: false, perSecond: rates.allowed, request: allowed },
  ];
}

/** Brings policy and route into force; a policy that never gets there is open at rest. */
async function arm(play: ReturnType<typeof createPlay>, notes: Notes): Promise<boolean> {
  notes.interrupt();
  await play.step('policy and route are written', async () => {
    await play.resources.writePolicy();
    await play.resources.writeRoutes();
  });
  const inForce = await play.untilInForce();
  notes.served();
  play.forbid('now');
  notes.mark('step', inForce ? 'the policy is in force' : 'the policy does not come into force');
  return inForce;
}

/** Sabotage: for a moment there is no policy. */
async function openByForce(play: ReturnType<typeof createPlay>): Promise<void> {
  const { resources } = play;
  await play.step('sabotage: the policy is deleted', () => resources.removePolicy());
  await play.watch(openedByForce);
  await play.step('sabotage: the policy is written again', () => resources.writePolicy());
}

/** Goes on watching while something passes that should not. */
async function whileOpen(generator: Generator, streams: readonly Stream[], signal: AbortSignal): Promise<void> {
  const until = now() + longestOpening.ms;
  while (isOpen(generator, streams) && now() < until) await pause(100, undefined, { signal });
}

/** Notes each change of what the API shows. */
function watchStatuses(context: CheckContext, resources: ReturnType<typeof cellResources>, notes: Notes) {
  const green: Interval[] = [];
  const over = new AbortController();
  const look = async (): Promise<void> => {
    let last = '';
    let greenSince: number | undefined;
    while (!over.signal.aborted) {
      const { text, green: isGreen } = await resources.status();
      const at = now();
      if (text !== last) notes.mark('status', text, at);
      last = text;
      if (isGreen) greenSince ??= at;
      else if (greenSince !== undefined) {
        green.push({ from: greenSince, to: at });
        greenSince = undefined;
      }
      await pause(100, undefined, { signal: over.signal }).catch(() => undefined);
    }
    if (greenSince !== undefined) green.push({ from: greenSince, to: now() });
  };
  // What the API does not answer for a moment, while its cluster is busy, is no reason to end the cell.
  const looking = look().catch((error: unknown) => context.attach('statuses were not watched to the end', String(error)));
  return {
    stop: async (): Promise<readonly Interval[]> => {
      over.abort();
      await looking;
      return green;
    },
  };
}

/** Whether the stage's open route is open, and stays so: what was attached above it is gone. */
async function isAsBefore({ probe, budgets }: CheckContext, stage: Stage): Promise<boolean> {
  const until = now() + budgets.traffic.ms;
  let streak = 0;
  while (streak < 3 && now() < until) {
    const { response } = await probe.send(stage.gateway.endpoint(stage.listener), { host: stage.openHost, freshConnection: true });
    streak = response?.status === 200 ? streak + 1 : 0;
    if (streak === 0) await pause(100);
  }
  return streak === 3;
}

/** A generator that was held up has not looked: its cell says nothing. */
function assertHealthy({ generator, watch }: CellResult): void {
  const { sent, missed, longestGapMs } = generator;
  if (missed <= (sent + missed) * mostMissed && longestGapMs <= longestGap.ms) return;
  throw new GauntletError(
    'GAUNTLET_MACHINE',
    `The generator sent ${sent} requests and missed ${missed}; for ${longestGapMs} ms of ${Math.round(watch.toMs - watch.fromMs)} it sent nothing that is forbidden`,
    { hint: 'The machine is too busy for so many cells at once: use a smaller -j.' },
  );
}

function neverServed(result: CellResult): GauntletError {
  const by = Object.entries(result.outage?.by ?? {}).map(([what, count]) => `${count} x ${what}`);
  return new GauntletError(
    'GAUNTLET_TIMEOUT',
    `The policy did not come into force: allowed requests came to ${by.join(', ') || 'nothing'}`,
    {
      hint: 'The marks of the cell tell what the API showed.',
    },
  );
}

function describeLeak({ leak, marks }: CellResult): string {
  if (leak === undefined) return '';
  const { requests, of, firstMs, lastMs, whileGreen, by } = leak;
  const event = marks.find(({ kind }) => kind === 'event')?.text ?? 'the event';
  const where = Object.entries(by)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ');
  const span = `from ${firstMs} to ${lastMs} ms after: ${event}`;
  return `${requests} of ${of} requests, ${span}; ${where}${whileGreen ? '; policy and route said that all is well' : ''}`;
}

function describeOutage({ outage }: CellResult): string {
  if (outage === undefined) return '';
  const { requests, of, firstMs, lastMs, by } = outage;
  const what = Object.entries(by)
    .map(([answer, count]) => `${count} x ${answer}`)
    .join(', ');
  return `${requests} of ${of} failed, for ${formatDuration({ ms: lastMs - firstMs })} from ${firstMs} ms after the event: ${what}`;
}
