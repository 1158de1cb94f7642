// SPDX-License-Identifier: Apache-2.0
import { setTimeout as pause } from 'node:timers/promises';
import type { Check } from '../../harness/check/check.ts';
import { holds } from '../../harness/check/matchers.ts';
import { GauntletError } from '../../harness/errors.ts';
import type { CellResult } from '../../harness/lifecycle/cell-result.ts';
import { startGenerator, type Generator } from '../../harness/lifecycle/generator.ts';
import { judgeCell } from '../../harness/lifecycle/judge.ts';
import type { Stream, StreamRequest } from '../../harness/lifecycle/streams.ts';
import { milliseconds, seconds } from '../../harness/units.ts';
import { cellResources } from './cell-resources.ts';
import { healedByRestart } from './cell-healing.ts';
import { createPlay, isOpen, Notes, now, type CellPlay } from './cell-play.ts';
import { isAsBefore, warnings, watchStatuses } from './cell-watch.ts';
import { describeLeak, describeOutage } from './cell-words.ts';
import { defineCell, type CellContext } from './define-cell.ts';
import type { EventRow } from './event-row.ts';
import { levelTitles, type Level } from './levels.ts';
import type { PolicyRow, PreparedPolicy } from './policy-row.ts';
import type { Stage } from './stage.ts';

/** Of 550 requests a second, as many forbidden ones as the matrix promises; the allowed ones beside them show whether there is any service. */
const rates = { anonymous: 250, wrong: 250, allowed: 50, control: 20 };
const shares = { 'http/1.1 kept': 10, 'http/1.1 fresh': 3, 'h2 kept': 6, 'h2 fresh': 1 };

/**
 * Longer than any policy of the cells waits for its server. Requests to a proxy that is gone are answered by nobody: so many of them as are sent in
 * this time must fit among those that may be under way.
 */
const longestAnswer = seconds(1.5);

/** An opening is watched for so long; what is still open then counts as open for good. Longer than any cache or timeout of the cells' policies. */
const longestOpening = seconds(20);
/** Longer than a gateway takes to follow. */
const openedByForce = milliseconds(1500);
/** Requests go on for so long after the last step. */
const lastLook = milliseconds(600);

/** What a cell claims is reckoned from what was sent; beyond this too little was. */
const mostMissed = 0.25;
const longestGap = milliseconds(250);
/** A gateway that only passes requests on takes a few milliseconds. */
const slowest = milliseconds(250);

const closed = 'nothing that is forbidden reaches the backend';
const served = 'what is allowed is served when it should be';
const seen = 'an opening by force is seen, if it is claimed that it would be';

/** A claim as good as certain. */
const certain = 0.999;

/** The check of one cell. */
export function cellCheck(policyRow: PolicyRow, event: EventRow, level: Level): Check {
  return defineCell({
    id: `${policyRow.id}.${event.id}.${level}`,
    title: `${policyRow.title} on ${levelTitles[level]} holds: ${event.title}`,
    feature: policyRow.feature,
    priority: event.telling === true ? 'P0' : 'P1',
    serial: event.serial ?? false,
    async run(context) {
      const { expect, tellCell } = context;
      const result = await onStage(context, policyRow.listener, (stage) => playCell(context, stage, { policyRow, event, level }));
      tellCell({ policy: policyRow.id, event: event.id, level, group: event.group }, result);
      if (event.opensMs !== undefined) return expect.now(seen, () => assertSeen(result, event.opensMs ?? 0));
      await expect.now(closed, () =>
        holds(result.leak === undefined, 'none', result.leak === undefined ? '' : `${result.verdict}: ${describeLeak(result)}`),
      );
      await expect.now(served, () => holds(result.outage === undefined, 'all', describeOutage(result)));
    },
  });
}

/** Plays on a stage that nobody else has, and leaves it to the next cell if it is as it was before, however the cell ended. */
async function onStage(
  context: CellContext,
  listener: Stage['listener'] = 'http',
  play: (stage: Stage) => Promise<CellResult>,
): Promise<CellResult> {
  const { stages } = context;
  const free = await stages.take(context);
  const stage = { ...free, listener };
  try {
    return await play(stage);
  } finally {
    if (await isAsBefore(context, stage).catch(() => false)) stages.giveBack(free);
    else await stages.discard(free);
  }
}

/** One that may go unseen by the cell's own reckoning proves nothing when it does: its rate over many tries does. */
function assertSeen({ leak, detection }: CellResult, ms: number): void {
  const claimed = detection[String(ms)] ?? 0;
  const isSeen = leak !== undefined;
  holds(isSeen || claimed < certain, `a leak, which is seen with ${(100 * claimed).toFixed(1)} %`, isSeen ? 'a leak' : 'none');
}

interface Cell {
  readonly policyRow: PolicyRow;
  readonly event: EventRow;
  readonly level: Level;
}

async function playCell(context: CellContext, stage: Stage, cell: Cell): Promise<CellResult> {
  const { event, level, policyRow } = cell;
  const host = context.hostname();
  const policy = await policyRow.prepare(stage, { ...context, host });
  await stage.echo.forgetArrivals();
  const resources = cellResources({ context, stage, host, level, policies: context.policies, policy });
  const streams = streamsOf(policy, stage);
  const idPrefix = `${context.namespace}-`;
  const notes = new Notes();
  const startedAt = now();
  await using generator = startGenerator({
    endpoint: stage.gateway.endpoint(stage.listener),
    host,
    streams,
    shares,
    idPrefix,
    timeoutMs: longestAnswer.ms,
    mostInFlight: 1024,
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
    const judged = judgeCell({
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
    const result = judged.verdict === 'held' ? judged : withLog(judged, await warnings(context, stage, new Date(startedAt)), notes);
    assertHealthy(result);
    if (!isArmed && result.leak === undefined) throw neverServed(result);
    return result.verdict === 'open' ? { ...result, healedByRestart: await healedByRestart(context, stage, host, policy) } : result;
  } finally {
    await statuses.stop();
    await policy.server?.restore();
    await resources.clear();
  }
}

/** With what controller and proxies had to say. */
function withLog(result: CellResult, lines: Awaited<ReturnType<typeof warnings>>, { eventAt = 0 }: Notes): CellResult {
  const marks = lines.map(({ at, text }) => ({ atMs: at - Math.round(eventAt), kind: 'log' as const, text }));
  return { ...result, marks: [...result.marks, ...marks].toSorted((a, b) => a.atMs - b.atMs) };
}

function streamsOf({ anonymous, wrong, allowed }: PreparedPolicy, { openHost }: Stage): readonly Stream[] {
  return [
    { name: 'anonymous', forbidden: true, perSecond: rates.anonymous, request: anonymous },
    { name: 'wrong', forbidden: true, perSecond: rates.wrong, request: wrong },
    { name: 'allowed', forbidden: false, perSecond: rates.allowed, request: allowed },
    { name: 'control', forbidden: false, control: true, perSecond: rates.control, request: { host: openHost, ...tlsOf(allowed) } },
  ];
}

const tlsOf = ({ tls }: StreamRequest): Pick<StreamRequest, 'tls'> => (tls === undefined ? {} : { tls });

/** Brings policy and route into force; a policy that never gets there is open at rest. */
async function arm(play: CellPlay, notes: Notes): Promise<boolean> {
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
async function openByForce(play: CellPlay): Promise<void> {
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

/** A generator that was held up has not looked, and where everything is slow, failures say nothing of the gateway: such a cell says nothing. */
function assertHealthy({ generator, watch, outage }: CellResult): void {
  const { sent, missed, longestGapMs, control95Ms = 0 } = generator;
  if (outage !== undefined && control95Ms > slowest.ms) {
    throw new GauntletError(
      'GAUNTLET_MACHINE',
      `Requests that no policy is about took ${control95Ms} ms, so that those that failed say nothing`,
      {
        hint: 'The machine is too busy for so many cells at once: use a smaller -j.',
      },
    );
  }
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
