// SPDX-License-Identifier: Apache-2.0
import type { Arrival } from '../../harness/probe/exchange.ts';

/** A value of OTLP, as protobuf or JSON give it; numbers of 64 bits are texts in JSON. */
interface AnyValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: number | string;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values?: readonly AnyValue[] };
  readonly kvlistValue?: { readonly values?: readonly KeyValue[] };
}

interface KeyValue {
  readonly key?: string;
  readonly value?: AnyValue;
}

interface Attributed {
  readonly attributes?: readonly KeyValue[];
}

/** An id: bytes in protobuf, hexadecimal digits in JSON. */
type Id = Buffer | string;

interface Span extends Attributed {
  readonly name?: string;
  readonly kind?: number | string;
  readonly traceId?: Id;
  readonly spanId?: Id;
  readonly parentSpanId?: Id;
}

interface LogRecord extends Attributed {
  readonly body?: AnyValue;
  readonly traceId?: Id;
  readonly spanId?: Id;
}

/** A request to export spans. */
export interface ExportTraces {
  readonly resourceSpans?: readonly {
    readonly resource?: Attributed;
    readonly scopeSpans?: readonly { readonly spans?: readonly Span[] }[];
  }[];
}

/** A request to export log records. */
export interface ExportLogs {
  readonly resourceLogs?: readonly {
    readonly resource?: Attributed;
    readonly scopeLogs?: readonly { readonly logRecords?: readonly LogRecord[] }[];
  }[];
}

/**
 * Spans as arrivals: the method is `SPAN`, the path its name, the host the `service.name` of its resource, and the headers are its attributes. The
 * id is that of the request which the span is about, if an attribute tells it.
 */
export function spansOf({ resourceSpans = [] }: ExportTraces, at: number): readonly Arrival[] {
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ spans = [] }) =>
      spans.map((span) => {
        const ids = { 'trace-id': span.traceId, 'span-id': span.spanId, 'parent-span-id': span.parentSpanId };
        return { ...arrivalOf('SPAN', span.name ?? '', { resource, record: span, ids }), at };
      }),
    ),
  );
}

/** Log records as arrivals: the method is `LOG`, the path the body of the record, and the rest as for spans. */
export function logRecordsOf({ resourceLogs = [] }: ExportLogs, at: number): readonly Arrival[] {
  return resourceLogs.flatMap(({ resource, scopeLogs = [] }) =>
    scopeLogs.flatMap(({ logRecords = [] }) =>
      logRecords.map((record) => {
        const ids = { 'trace-id': record.traceId, 'span-id': record.spanId };
        return { ...arrivalOf('LOG', textOf(record.body), { resource, record, ids }), at };
      }),
    ),
  );
}

interface Parts {
  readonly resource: Attributed | undefined;
  readonly record: Attributed;
  readonly ids: Readonly<Record<string, Id | undefined>>;
}

function arrivalOf(method: string, path: string, { resource, record, ids }: Parts): Omit<Arrival, 'at'> {
  const ofResource = textsOf(resource);
  const attributes = textsOf(record);
  const headers = Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key.toLowerCase(), [value]]));
  const context = {
    ...Object.fromEntries(Object.entries(ofResource).map(([key, value]) => [`resource.${key}`, value])),
    ...Object.fromEntries(Object.entries(ids).map(([key, id]) => [key, hexadecimal(id)])),
  };
  return { id: headers['x-gauntlet-id']?.[0] ?? '', method, path, host: ofResource['service.name'] ?? '', headers, context };
}

function textsOf(attributed: Attributed | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries((attributed?.attributes ?? []).map(({ key, value }) => [key ?? '', textOf(value)]));
}

/** A value as text: what is made of others as JSON. */
function textOf(value: AnyValue | undefined): string {
  if (value?.arrayValue !== undefined) return JSON.stringify((value.arrayValue.values ?? []).map(textOf));
  if (value?.kvlistValue !== undefined) return JSON.stringify(textsOf({ attributes: value.kvlistValue.values ?? [] }));
  return String(value?.stringValue ?? value?.boolValue ?? value?.intValue ?? value?.doubleValue ?? '');
}

const hexadecimal = (id: Id | undefined): string => (typeof id === 'string' ? id : (id?.toString('hex') ?? ''));
