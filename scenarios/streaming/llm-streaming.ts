// SPDX-License-Identifier: Apache-2.0
import { holds } from '../../harness/check/matchers.ts';
import { addedTo, timesOf } from '../../harness/bench/streaming/added.ts';
import { integrityOf } from '../../harness/bench/streaming/integrity.ts';
import type { PairedStreams, StreamWindow } from '../../harness/bench/streaming/paired-streams.ts';
import { chatCompletions } from '../../harness/bench/streaming/provider.ts';
import { startStreamClient } from '../../harness/bench/streaming/stream-client.ts';
import { GauntletError } from '../../harness/errors.ts';
import { gateway } from '../../fixtures/gateway-api/gateway.ts';
import { httpRoute, requestHeaders } from '../../fixtures/gateway-api/http-route.ts';
import { streamFaultHeader, streamFaults, type StreamFault } from '../../mocks/llm/behaviour.ts';
import { defineScenario } from '../define-scenario.ts';
import { addedMeasured, firstTokenCurves, integrityMeasured, timesMeasured, windowsMeasured } from './stream-measurements.ts';

const complete = 'every stream comes with all of its frames';
const ordered = 'frames come in the order in which they were sent';
const unmerged = 'each frame comes by itself, and whole';
const prompt = 'frames come when they are sent, and not with the last one';

/** As a model that is fast: what a gateway adds is best seen beside little. */
const model = { firstTokenMs: 25, gapMs: 10, frames: 32 } as const;
/** Not a divisor of the gap, so that frames of different streams do not go in step. */
const pairsPerSecond = 23;
/** A second: what is late in one does not cost the others. */
const pairs = 24;
const windows = { measured: 40, sabotaged: 4 } as const;

const faults: Readonly<Record<Exclude<StreamFault, 'none'>, { readonly title: string; readonly breaks: string }>> = {
  dropped: { title: 'Of each stream through the gateway one frame is left out', breaks: complete },
  reordered: { title: 'In each stream through the gateway two frames are exchanged', breaks: ordered },
  merged: { title: 'In each stream through the gateway two frames share an event', breaks: unmerged },
  split: { title: 'In each stream through the gateway one frame is two events', breaks: unmerged },
  buffered: { title: 'Each stream through the gateway is held back until it is over', breaks: prompt },
};
const sabotages = streamFaults.flatMap((name) => (name === 'none' ? [] : [{ name, ...faults[name] }]));
const [firstSabotage, ...otherSabotages] = sabotages;
if (firstSabotage === undefined) throw new Error('streams have faults');

/** Scenario 11 of the performance anchors: what a gateway adds to a stream of tokens, and whether it leaves the stream as it is. */
export default defineScenario({
  id: 'llm-streaming',
  title: 'A stream of tokens passes the gateway frame by frame, and the gateway adds little to the first and to each',
  feature: 'routing.http',
  specification: [
    { title: 'OpenAI, streamed chat completions', url: 'https://platform.openai.com/docs/api-reference/chat-streaming' },
    { title: 'WHATWG, server-sent events', url: 'https://html.spec.whatwg.org/multipage/server-sent-events.html' },
  ],
  serial: true,
  requires: ['gateways', 'llm'],
  sabotages: [firstSabotage, ...otherSabotages],
  async run(context) {
    const { apply, expect, gateways, llm, namespace, sabotaged, signal, tellChart, tellMeasured } = context;
    const host = context.hostname();
    await llm.program({ ...model, faultPerRequest: true });
    const live = await gateways.own(gateway('load').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const fault = sabotages.find(({ name }) => sabotaged(name))?.name ?? 'none';
    // Only what comes by the gateway's route is at fault: the same without the gateway must stay right.
    const filters = [requestHeaders({ set: { [streamFaultHeader]: fault } })];
    await apply(httpRoute('llm').on(live).host(host).rule({ path: '/', filters, to: llm.service }));
    await expect.eventually('the route serves', async () => {
      const { response } = await live.send({ method: 'POST', path: chatCompletions.path, host, body: '{}' });
      holds(response?.status === 400, '400 for a request without a model', String(response?.status ?? 'no answer'));
    });

    const settings: PairedStreams = {
      gateway: { endpoint: live.endpoint(), host },
      direct: { endpoint: llm.endpoint, host },
      provider: 'chatCompletions',
      idPrefix: `${namespace}-`,
      pairsPerSecond,
      pairs,
      timeoutMs: 10_000,
    };
    const played = await play(settings, fault === 'none' ? windows.measured : windows.sabotaged, signal);
    const streams = streamsOf(played);
    const [through, direct] = [streams.gateway, streams.direct].map((some) => integrityOf(some, model.frames));
    const timely = integrityOf(streamsOf(played.filter(({ invalid }) => invalid === undefined)).gateway, model.frames);
    if (through === undefined || direct === undefined) throw new Error('there are two sides');
    assertSound(direct);
    const times = { gateway: timesOf('gateway', played), direct: timesOf('other', played) };
    tellMeasured(
      ...timesMeasured(times, played),
      ...addedMeasured({ 'first token': addedTo('firstToken', played), gap: addedTo('gap', played) }, played),
      ...integrityMeasured(through, direct),
      ...windowsMeasured(played),
    );
    tellChart(firstTokenCurves(times));

    await expect.now(complete, () => {
      const { failed, incomplete } = through;
      holds(failed + incomplete === 0, `all of ${through.streams}`, `${failed} failed, ${incomplete} were incomplete`);
    });
    await expect.now(ordered, () => holds(through.reordered === 0, `all of ${through.streams}`, `${through.reordered} did not`));
    await expect.now(unmerged, () => holds(through.reframed === 0, `all of ${through.streams}`, `not in ${through.reframed}`));
    if (timely.streams === 0) throw tooBusy(played);
    await expect.now(prompt, () => holds(timely.buffered === 0, `all of ${timely.streams}`, `${timely.buffered} came at their end`));
  },
});

/** Plays one window to open connections and to warm up the code, of which only the frames count, and then these. */
async function play(settings: PairedStreams, count: number, signal: AbortSignal): Promise<readonly StreamWindow[]> {
  await using client = startStreamClient();
  const warmUp = await client.play({ ...settings, idPrefix: `${settings.idPrefix}warm-` }, signal);
  const played: StreamWindow[] = [{ ...warmUp, invalid: 'it was to warm up' }];
  for (let window = 0; window < count; window += 1)
    played.push(await client.play({ ...settings, idPrefix: `${settings.idPrefix}${window}-` }, signal));
  return played;
}

function streamsOf(played: readonly StreamWindow[]) {
  const all = played.flatMap(({ pairs: some }) => some);
  return {
    gateway: all.flatMap(({ kind, gateway: seen, other }) => (kind === 'noise' ? [seen, other] : [seen])),
    direct: all.flatMap(({ kind, other }) => (kind === 'noise' ? [] : [other])),
  };
}

function assertSound({ streams, failed, incomplete, reordered, reframed }: ReturnType<typeof integrityOf>): void {
  if (failed + incomplete + reordered + reframed === 0) return;
  throw new GauntletError(
    'GAUNTLET_PEER',
    `Of ${streams} streams without the gateway ${failed} failed, ${incomplete} were incomplete, ${reordered} out of order and ${reframed} cut anew`,
    { hint: 'The peer or the client is at fault; nothing is said of the gateway.' },
  );
}

const tooBusy = (played: readonly StreamWindow[]): GauntletError =>
  new GauntletError('GAUNTLET_MACHINE', `No window of streams could be timed: ${played.at(-1)?.invalid ?? ''}`, {
    hint: 'The machine does something else; run it again when it does not.',
  });
