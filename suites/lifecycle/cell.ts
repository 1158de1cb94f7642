// SPDX-License-Identifier: Apache-2.0
import { setTimeout as pause } from 'node:timers/promises';
import pWaitFor from 'p-wait-for';
import type { Check } from '../../harness/check/check.ts';
import { holds } from '../../harness/check/matchers.ts';
import { GauntletError } from '../../harness/errors.ts';
import type { CellResult, Outage } from '../../harness/lifecycle/cell-result.ts';
import { startGenerator, type Generator } from '../../harness/lifecycle/generator.ts';
import { judgeCell } from '../../harness/lifecycle/judge.ts';
import type { GeneratorSettings, Stream, StreamRequest } from '../../harness/lifecycle/streams.ts';
import { milliseconds, seconds, type Duration } from '../../harness/units.ts';
import { openedContext } from '../../mocks/ext-authz/behaviour.ts';
import { attackScript } from './attack-script.ts';
import { cellResources } from './cell-resources.ts';
import { assertHealthy } from './cell-health.ts';
import { healedByRestart } from './cell-healing.ts';
import { createPlay, isOpen, Notes, now, type CellPlay } from './cell-play.ts';
import { warnings, watchStatuses } from './cell-watch.ts';
import { defineCell, type CellContext } from './define-cell.ts';
import type { EventRow } from './event-row.ts';
import { levelTitles, type Level } from './levels.ts';
import { onStage } from './on-stage.ts';
import type { PolicyRow, PreparedPolicy } from './policy-row.ts';
import type { Round } from './rounds.ts';
import { peersOf, type Stage, type StageListener } from './stage.ts';

/** As many forbidden requests a second as the matrix promises; the allowed ones beside them show whether there is any service. */
const rates = { anonymous: 250, wrong: 250, allowed: 30, control: 10 };
/**
 * Every way for a request to travel gets its share, and the cheapest gets most, since generators, proxies and peers share one machine: a stream of a
 * connection that is there costs half of what a request of HTTP/1.1 does, and a handshake as much as ten.
 */
const shares: Readonly<Record<StageListener, GeneratorSettings['shares']>> = {
  http: { 'http/1.1 kept': 4, 'http/1.1 fresh': 2, 'h2 kept': 13, 'h2 fresh': 1 },
  https: { 'http/1.1 kept': 4, 'http/1.1 fresh': 1, 'h2 kept': 14, 'h2 fresh': 1 },
};

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

/** What cells expect. */
export const cellExpectations = {
  closed: 'nothing that is forbidden reaches the backend',
  served: 'what is allowed is served when it should be',
  counted: 'what an opening by force lets through is counted, and nothing else',
} as const;

const { closed, served, counted } = cellExpectations;

/** A claim as good as certain. */
const certain = 0.999;

/** The check of one cell. */
export function cellCheck(policyRow: PolicyRow, event: EventRow, level: Level): Check {
  const together = event.inStep === true ? event.id : event.disturbs;
  return defineCell({
    id: `${policyRow.id}.${event.id}.${level}`,
    title: `${policyRow.title} on ${levelTitles[level]} holds: ${event.title}`,
    feature: policyRow.feature,
    priority: event.telling === true ? 'P0' : 'P1',
    ...(together === undefined ? {} : { togetherWith: together }),
    async run(context) {
      const { expect, tellCell } = context;
      const result = await onStage(context, policyRow.listener ?? 'http', (stage) => playCell(context, stage, { policyRow, event, level }));
      tellCell({ policy: policyRow.id, event: event.id, level, group: event.group }, result);
      const { opensMs } = event;
      if (opensMs !== undefined) return expect.now(counted, () => assertCounted(result, opensMs));
      const { leak, outage, verdict } = result;
      await expect.now(closed, () =>
        holds(leak === undefined, 'none', leak === undefined ? '' : `${leak.requests} of ${leak.of} requests (${verdict})`),
      );
      await expect.now(served, () =>
        holds(outage === undefined, 'all', outage === undefined ? '' : `${outage.requests} of ${outage.of} were not: ${cameTo(outage)}`),
      );
    },
  });
}

/** What the server says that it let through counts, and nothing else. An opening that the cell is sure to see must have let something through. */
function assertCounted({ leak, letThrough, detection }: CellResult, ms: number): void {
  const { requests, uncounted } = letThrough ?? { requests: 0, uncounted: 0 };
  const claimed = detection[String(ms)] ?? 0;
  const passed = leak?.requests ?? 0;
  holds(
    passed === requests && uncounted === 0 && (requests > 0 || claimed < certain),
    `${requests === 0 && claimed >= certain ? 'at least one' : requests} (an opening of ${ms} ms is seen with ${(100 * claimed).toFixed(1)} %)`,
    `${passed}, and ${uncounted} of those that the server let through not among them`,
  );
}

/** What came in place of the answers: `3 x 503, 1 x ECONNRESET`. */
function cameTo({ by }: Pick<Outage, 'by'>): string {
  return Object.entries(by)
    .map(([what, count]) => `${count} x ${what}`)
    .join(', ');
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
  await Promise.all(peersOf(stage).map((peer) => peer.forgetArrivals()));
  const resources = cellResources({ context, stage, host, level, policies: context.policies, policy });
  const streams = streamsOf(policy, stage);
  const idPrefix = `${context.namespace}-`;
  const notes = new Notes();
  const round = event.inStep === true ? await roundFor(context) : undefined;
  const startedAt = now();
  await using generator = startGenerator({
    endpoint: stage.gateway.endpoint(stage.listener),
    host,
    streams,
    shares: shares[stage.listener],
    idPrefix,
    timeoutMs: longestAnswer.ms,
    mostInFlight: 1024,
  });
  const play = createPlay({ context, stage, policy, resources, generator, streams, notes, round });
  const statuses = watchStatuses(context, resources, notes);
  try {
    if (event.starts !== 'bare') {
      await play.arm('policy and route are written', async () => {
        await resources.writePolicy();
        await resources.writeRoutes();
      });
    }
    await event.play(play);
    if (context.sabotaged('opened')) await openByForce(play);
    await pause(lastLook.ms, undefined, { signal: context.signal });
    const watchedOut = await isOpenTo(longestOpening, generator, streams, context.signal);
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
      watchedOut,
      forbiddenFrom: notes.forbiddenFrom ?? startedAt,
      ...(notes.writtenAt === undefined ? {} : { writtenAt: notes.writtenAt }),
      allowance: policy.allowance ?? 0,
      ...(event.opensMs === undefined ? {} : { letThrough: await letThroughBy(stage) }),
      mayFail: notes.mayFail,
      marks: notes.marks,
      green,
    });
    const result = judged.verdict === 'held' ? judged : withLog(judged, await warnings(context, stage, new Date(startedAt)), notes);
    assertHealthy(result);
    if (result.verdict !== 'held') {
      const script = attackScript(stage.gateway.endpoint(stage.listener), host, policy.anonymous);
      context.attach('Forbidden requests without pause, with curl', script);
    }
    const healed = result.verdict === 'open' ? await healedByRestart(context, stage, host, policy) : undefined;
    return healed === undefined ? result : { ...result, healedByRestart: healed };
  } finally {
    await statuses.stop();
    await policy.server?.restore();
    await resources.clear();
  }
}

/** Left when everything that the cell did is undone. */
async function roundFor({ rounds, defer, signal }: CellContext): Promise<Round> {
  const round = await rounds.join(signal);
  defer(() => round.leave());
  return round;
}

/**
 * Ids that the authorization server let through by force.
 *
 * @throws GauntletError `GAUNTLET_PEER` if it was asked nothing at all, so that it says nothing.
 */
async function letThroughBy({ extAuth }: Stage): Promise<ReadonlySet<string>> {
  const asked = await extAuth.arrivals();
  if (asked.length === 0) {
    throw new GauntletError('GAUNTLET_PEER', 'The authorization server was not asked for a single request of the cell', {
      hint: 'The marks of the cell tell whether the policy ever was in force.',
    });
  }
  return new Set(asked.filter(({ context }) => context?.[openedContext] !== undefined).map(({ id }) => id));
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

/** Sabotage: for a moment there is no policy, and the route is there. */
async function openByForce(play: CellPlay): Promise<void> {
  let putBack: () => Promise<void> = () => Promise.resolve();
  await play.step('sabotage: the policy is deleted', async () => void (putBack = await play.resources.withoutPolicy()));
  await play.watch(openedByForce);
  await play.step('sabotage: the policy is written again', putBack);
}

/** Goes on watching while something passes that should not, but no longer than this; says whether it still does. */
function isOpenTo(limit: Duration, generator: Generator, streams: readonly Stream[], signal: AbortSignal): Promise<boolean> {
  const isClosed = () => !isOpen(generator, streams) && pWaitFor.resolveWith(false);
  return pWaitFor(isClosed, { interval: 100, timeout: { milliseconds: limit.ms, fallback: () => true }, signal });
}
