// SPDX-License-Identifier: Apache-2.0
import type { Writable } from 'node:stream';
import { getResponse } from 'msw/utils/get-response';
import type { HttpHandler } from 'msw/http';
import { arrivalOf } from './arrival.ts';
import type { HttpRequest, HttpResponse } from './http-endpoint.ts';

/** What handlers know of when a request was read, by {@link performance.now}: what is done before they get it counts as theirs. */
export const readAtHeader = 'x-gauntlet-read-at';

/** Largest body of a request that is read, in bytes. */
const largestBody = 16 * 2 ** 20;

/** Answers a request over either version of HTTP by msw's handlers, of which the first that matches answers; 404 if none does. */
export async function answerByHandlers(handlers: readonly HttpHandler[], request: HttpRequest, response: HttpResponse): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const answer = (await getResponse([...handlers], await fetchRequest(request, gone.signal))) ?? new Response(null, { status: 404 });
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  try {
    const out: Writable = response;
    // Each part leaves as it comes: waiting for the reader would be the reader's doing, and frames are small.
    if (answer.body !== null) for await (const part of answer.body) out.write(part);
    response.end();
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  }
}

async function fetchRequest(request: HttpRequest, signal: AbortSignal): Promise<Request> {
  const readAt = String(performance.now());
  const { method, path, host, headers } = arrivalOf(request);
  const body = await bodyOf(request);
  const fields = new Headers(Object.entries(headers).flatMap(([name, values]) => values.map((value): [string, string] => [name, value])));
  fields.set(readAtHeader, readAt);
  return new Request(new URL(path, `http://${host === '' ? 'peer' : host}`), {
    method,
    headers: fields,
    ...(body.length === 0 ? {} : { body }),
    signal,
  });
}

async function bodyOf(request: HttpRequest): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > largestBody) throw new Error(`the body is larger than ${largestBody} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
