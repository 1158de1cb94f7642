// SPDX-License-Identifier: Apache-2.0
import { isIP } from 'node:net';
import type { ProbeEndpoint, ProbeRequest, ProbeResponse } from './exchange.ts';
import type { Trail } from './failure.ts';

/** One request on its way through a transport. */
export interface Call {
  /** The id of its exchange. */
  readonly id: string;
  readonly endpoint: ProbeEndpoint;
  readonly request: ProbeRequest;
  /** Header fields to send besides Host, in order. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Aborted when the time for the exchange is up. */
  readonly signal: AbortSignal;
  /** Written by the transport. */
  trail: Trail;
}

/** Sends calls over one protocol. Rejects with a `WireFailure` for what happens on the wire. */
export interface Transport extends AsyncDisposable {
  send(call: Call): Promise<ProbeResponse>;
}

/** The header field that carries an exchange's id. */
export const idHeader = 'x-gauntlet-id';

/** Most of a body that is kept, in bytes. */
export const bodyLimit = 64 * 1024;

/** Host header of a call: as asked for, else address and port. */
export function authorityOf(call: Pick<Call, 'endpoint' | 'request'>): string {
  const { address, port } = call.endpoint;
  return call.request.host ?? `${isIP(address) === 6 ? `[${address}]` : address}:${port}`;
}

/** The bytes of a request's body. */
export function bodyOf({ body, bodyEncoding = 'utf8' }: Pick<ProbeRequest, 'body' | 'bodyEncoding'>): Buffer | undefined {
  return body === undefined ? undefined : Buffer.from(body, bodyEncoding);
}

/** The names in the flat list of fields that Node keeps, as they were written. */
export function writtenNames(raw: readonly string[]): readonly string[] {
  return raw.filter((_, index) => index % 2 === 0);
}

/** Header fields by lower-case name, repeated ones in order, from the flat list that Node keeps. */
export function groupFields(raw: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const grouped = new Map<string, string[]>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase();
    grouped.set(name, [...(grouped.get(name) ?? []), raw[index + 1] ?? '']);
  }
  return Object.fromEntries(grouped);
}

/** Gathers a body up to the limit. */
export class BodyBuffer {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  /** @returns whether the limit is reached: no more is needed. */
  add(chunk: Buffer): boolean {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    return this.#bytes >= bodyLimit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  text(): string {
    return Buffer.concat(this.#chunks).subarray(0, bodyLimit).toString();
  }
}
