// SPDX-License-Identifier: Apache-2.0
import type { Arrival } from '../../harness/probe/exchange.ts';
import { stages, type ExtProcBehaviour, type Stage } from './behaviour.ts';

/** A header as Envoy sends it: the value as bytes, or as text in older versions. */
interface HeaderValue {
  readonly key: string;
  readonly value?: string;
  readonly rawValue?: Uint8Array;
}

interface HttpHeaders {
  readonly headers?: { readonly headers?: readonly HeaderValue[] };
}

/**
 * `envoy.service.ext_proc.v3.ProcessingRequest`, as proto-loader decodes it: exactly one of the parts.
 *
 * @see envoy api/envoy/service/ext_proc/v3/external_processor.proto
 */
export interface ProcessingRequest {
  readonly requestHeaders?: HttpHeaders;
  readonly responseHeaders?: HttpHeaders;
  readonly requestBody?: object;
  readonly responseBody?: object;
  readonly requestTrailers?: object;
  readonly responseTrailers?: object;
}

interface HeaderMutation {
  readonly setHeaders: readonly {
    readonly header: { readonly key: string; readonly rawValue: Uint8Array };
    readonly appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD';
  }[];
  readonly removeHeaders: readonly string[];
}

/** `envoy.service.ext_proc.v3.ProcessingResponse`: an answer to the part that was asked about, or to the client. */
export type ProcessingResponse = Partial<Record<Stage, object>> & {
  readonly immediateResponse?: { readonly status: { readonly code: number }; readonly headers: HeaderMutation; readonly body: Uint8Array };
};

/** Which part a message is about; undefined for one of a version that has others. */
export function stageOf(request: ProcessingRequest): Stage | undefined {
  return stages.find((stage) => request[stage] !== undefined);
}

/** The request whose headers are asked about, as an arrival; pseudo-headers give method, path and host. */
export function arrivalOf({ headers }: HttpHeaders, at: number): Arrival {
  const fields = (headers?.headers ?? []).map(({ key, value, rawValue }) => [key.toLowerCase(), textOf(value, rawValue)] as const);
  const first = (name: string): string => fields.find(([key]) => key === name)?.[1] ?? '';
  const collected: Record<string, string[]> = {};
  for (const [name, value] of fields) if (!name.startsWith(':')) (collected[name] ??= []).push(value);
  return {
    id: first('x-gauntlet-id'),
    method: first(':method'),
    path: first(':path'),
    host: first(':authority'),
    headers: collected,
    at,
  };
}

/** Headers of a request, by lower-case name. */
type RequestHeaders = Arrival['headers'];

/** The answer to a part of an exchange whose request had these headers, as programmed. */
export function answerTo(stage: Stage, behaviour: ExtProcBehaviour, requestHeaders: RequestHeaders): ProcessingResponse {
  const { immediate } = behaviour;
  if (immediate?.at === stage && !isExcepted(immediate, requestHeaders)) {
    const { status, headers, body } = immediate;
    return { immediateResponse: { status: { code: status }, headers: mutation(headers, []), body: Buffer.from(body) } };
  }
  return { [behaviour.confuse === stage ? otherThan(stage) : stage]: changes(stage, behaviour) };
}

function isExcepted({ unless }: NonNullable<ExtProcBehaviour['immediate']>, headers: RequestHeaders): boolean {
  if (unless === undefined) return false;
  const values = headers[unless.header.toLowerCase()] ?? [];
  return values.length === 1 && values[0] === unless.equals;
}

function changes(stage: Stage, behaviour: ExtProcBehaviour): object {
  switch (stage) {
    case 'requestHeaders': {
      const { set, remove } = behaviour.requestHeaders;
      return { response: { headerMutation: mutation(set, remove), clearRouteCache: behaviour.clearRouteCache } };
    }
    case 'responseHeaders':
      return { response: { headerMutation: mutation(behaviour.responseHeaders.set, behaviour.responseHeaders.remove) } };
    case 'requestBody':
    case 'responseBody': {
      const replacement = behaviour[stage];
      if (replacement === undefined) return {};
      const body = Buffer.from(replacement);
      // Envoy answers 500 when the length that stands in the headers is not that of the new body.
      return { response: { headerMutation: mutation({ 'content-length': String(body.length) }, []), bodyMutation: { body } } };
    }
    case 'requestTrailers':
    case 'responseTrailers':
      return {};
  }
}

function mutation(set: Readonly<Record<string, string>>, remove: readonly string[]): HeaderMutation {
  const setHeaders = Object.entries(set).map(
    ([key, value]) => ({ header: { key, rawValue: Buffer.from(value, 'latin1') }, appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD' }) as const,
  );
  return { setHeaders, removeHeaders: remove };
}

function otherThan(stage: Stage): Stage {
  return stage === 'responseTrailers' ? 'requestHeaders' : 'responseTrailers';
}

function textOf(value: string | undefined, rawValue: Uint8Array | undefined): string {
  return rawValue === undefined || rawValue.length === 0 ? (value ?? '') : Buffer.from(rawValue).toString('latin1');
}
