// SPDX-License-Identifier: Apache-2.0
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { OTLPLogExporter as GrpcLogs } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as JsonLogs } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPTraceExporter as GrpcTraces } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as ProtobufTraces } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, SimpleLogRecordProcessor, type LogRecordExporter } from '@opentelemetry/sdk-logs';
import { SimpleSpanProcessor, TracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace';
import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Instance } from '../instance/instance.ts';
import { otelKind } from './server.ts';

let collector: Instance;
const resource = resourceFromAttributes({ 'service.name': 'edge.default', replica: 3 });

beforeEach(async () => {
  collector = await Instance.open(otelKind, {}, { name: 'otel', address: '127.0.0.1', ports: () => 0 });
});
afterEach(() => collector[Symbol.asyncDispose]());

const url = (path = ''): string => `http://127.0.0.1:${collector.port}${path}`;

describe.each<[string, () => SpanExporter]>([
  ['gRPC', () => new GrpcTraces({ url: url() })],
  ['HTTP with protobuf', () => new ProtobufTraces({ url: url('/v1/traces') })],
])('spans over %s, by the exporter of the SDK', (_, exporter) => {
  it('are recorded with their attributes and their resource', async () => {
    const provider = new TracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor({ exporter: exporter() })] });
    const tracer = provider.getTracer('test');
    const parent = tracer.startSpan('ingress', { attributes: { 'x-gauntlet-id': 'id-1', 'http.status_code': 200, list: ['a', 'b'] } });
    const child = tracer.startSpan('upstream', {}, trace.setSpan(ROOT_CONTEXT, parent));
    child.end();
    parent.end();
    await provider.forceFlush();
    await provider.shutdown();
    const { traceId, spanId } = parent.spanContext();
    expect(collector.arrivals('id-1')).toMatchObject([
      {
        method: 'SPAN',
        path: 'ingress',
        host: 'edge.default',
        headers: { 'http.status_code': ['200'], list: ['["a","b"]'] },
        context: { 'trace-id': traceId, 'span-id': spanId, 'parent-span-id': '', 'resource.replica': '3' },
      },
    ]);
    expect(collector.arrivals().find(({ path }) => path === 'upstream')).toMatchObject({ id: '', context: { 'parent-span-id': spanId } });
  });
});

describe.each<[string, () => LogRecordExporter]>([
  ['gRPC', () => new GrpcLogs({ url: url() })],
  ['HTTP with JSON', () => new JsonLogs({ url: url('/v1/logs') })],
])('log records over %s, by the exporter of the SDK', (_, exporter) => {
  it('are recorded with their body', async () => {
    const provider = new LoggerProvider({ resource, processors: [new SimpleLogRecordProcessor({ exporter: exporter() })] });
    provider.getLogger('test').emit({ body: 'GET /', attributes: { 'x-gauntlet-id': 'id-1', ok: true, ms: 2.5 } });
    await provider.forceFlush();
    await provider.shutdown();
    expect(collector.arrivals('id-1')).toMatchObject([
      { method: 'LOG', path: 'GET /', host: 'edge.default', headers: { ok: ['true'], ms: ['2.5'] }, context: { 'resource.replica': '3' } },
    ]);
  });
});

describe('over HTTP', () => {
  it.each<[string, 'GET' | 'POST', number]>([
    ['/v1/metrics', 'POST', 404],
    ['/v1/traces', 'GET', 405],
  ])('%s by %s is answered with %i', async (path, method, status) => {
    expect((await request(url(path), { method })).statusCode).toBe(status);
  });

  it('nonsense is refused and not recorded', async () => {
    const headers = { 'content-type': 'application/json' };
    expect((await request(url('/v1/logs'), { method: 'POST', headers, body: '{' })).statusCode).toBe(500);
    expect(collector.arrivals()).toEqual([]);
  });
});
