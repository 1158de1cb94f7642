// SPDX-License-Identifier: Apache-2.0
import type { Arrival, ArrivalRecorder, Exchange } from '../../probe/exchange.ts';
import type { Piece } from './evidence-folder.ts';
import type { EvidenceSource, Findings } from './gather.ts';
import { redactHeaders } from './redactor.ts';

/** Last arrivals of one peer that are stored, beside those of the request that failed. */
const keptArrivals = 500;

/** What the client sent and got, and what each peer saw of it. */
export async function collectTraffic({ scene, failing }: EvidenceSource): Promise<Findings> {
  const { exchanges: kept, dropped } = scene.probe;
  // Of an attack the request that matters may be among those that were let go.
  const exchanges = failing && !kept.includes(failing) ? [failing, ...kept] : kept;
  const title =
    dropped === 0
      ? 'Requests and answers as the client saw them'
      : `The last ${exchanges.length} requests and answers as the client saw them, ${dropped} more came before`;
  const client: Piece = {
    title,
    side: 'client',
    name: 'exchanges.json',
    content: json(exchanges.map(showExchange)),
    contentType: 'application/json',
  };
  const peers = await Promise.all(scene.denials.recorders.map((recorder) => collectArrivals(recorder, failing?.id)));
  return { pieces: [client, ...peers], notes: [] };
}

async function collectArrivals(recorder: ArrivalRecorder, failingId: string | undefined): Promise<Piece> {
  const all = await recorder.arrivals();
  const arrivals = all.filter((arrival, index) => index >= all.length - keptArrivals || arrival.id === failingId);
  return {
    title: `Requests as ${recorder.name} saw them`,
    side: 'peer',
    name: `arrivals-${recorder.name.replaceAll(/[^A-Za-z0-9.-]/g, '-')}.json`,
    content: json(arrivals.map(showArrival)),
    contentType: 'application/json',
  };
}

function showExchange({ id, sentAt, durationMs, endpoint, request, response, error }: Exchange): object {
  const { headers, tls, ...asked } = request;
  return {
    id,
    sentAt: new Date(sentAt).toISOString(),
    durationMs: Math.round(durationMs),
    endpoint: `${endpoint.address}:${endpoint.port}`,
    request: {
      ...asked,
      headers: redactHeaders(headers ?? {}),
      ...(tls ? { tls: { ...tls, ...(tls.key === undefined ? {} : { key: '<redacted>' }) } } : {}),
    },
    ...(response ? { response: { ...response, headers: redactHeaders(response.headers) } } : {}),
    ...(error ? { error } : {}),
  };
}

const showArrival = (arrival: Arrival): object => ({
  ...arrival,
  at: new Date(arrival.at).toISOString(),
  headers: redactHeaders(arrival.headers),
});

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
