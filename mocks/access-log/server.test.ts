// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { credentials, makeGenericClientConstructor, type Client, type ClientWritableStream } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { grpcService } from '../grpc/service.ts';
import { Instance } from '../instance/instance.ts';
import { accessLogKind } from './server.ts';

type Open = (callback: (error: Error | null) => void) => ClientWritableStream<object>;

let sink: Instance;
let client: Client & { streamAccessLogs: Open };

beforeEach(async () => {
  sink = await Instance.open(accessLogKind, {}, { name: 'access-log', address: '127.0.0.1', ports: () => 0 });
  const Constructor = makeGenericClientConstructor(grpcService('envoy.service.accesslog.v3.AccessLogService'), 'AccessLogService');
  client = new Constructor(`127.0.0.1:${sink.port}`, credentials.createInsecure()) as unknown as typeof client;
});

afterEach(async () => {
  client.close();
  await sink[Symbol.asyncDispose]();
});

/** Sends messages in one stream and waits for the server's answer. */
async function stream(...messages: readonly object[]): Promise<void> {
  let call: ClientWritableStream<object> | undefined;
  const answered = new Promise<void>((resolve, reject) => {
    call = client.streamAccessLogs((error) => (error === null ? resolve() : reject(error)));
  });
  for (const message of messages) call?.write(message);
  call?.end();
  await answered;
}

const entry = (path: string, id: string) => ({
  request: { requestMethod: 'GET', path, authority: 'a.test', requestHeaders: { 'x-gauntlet-id': id } },
  response: { responseCode: { value: 404 }, responseCodeDetails: 'route_not_found', responseHeaders: { server: 'envoy' } },
});

it('records each entry of a stream under the name that its first message says', async () => {
  await stream(
    { identifier: { logName: 'log', node: { id: 'pod.ns', cluster: 'gw.ns' } }, httpLogs: { logEntry: [entry('/1', 'id-1')] } },
    { httpLogs: { logEntry: [entry('/2', 'id-2'), entry('/3', 'id-3')] } },
  );
  expect(sink.arrivals('id-3')).toMatchObject([
    {
      method: 'GET',
      path: '/3',
      host: 'a.test',
      context: {
        'log-name': 'log',
        node: 'pod.ns',
        cluster: 'gw.ns',
        status: '404',
        details: 'route_not_found',
        'response.server': 'envoy',
      },
    },
  ]);
  expect(sink.arrivals().map(({ path }) => path)).toEqual(['/1', '/2', '/3']);
});

it('records connections', async () => {
  await stream({ identifier: { logName: 'tcp' }, tcpLogs: { logEntry: [{}] } });
  expect(sink.arrivals()).toMatchObject([{ method: 'TCP', context: { 'log-name': 'tcp' } }]);
});

it('outlives a stream that breaks off', async () => {
  const call = client.streamAccessLogs(() => undefined);
  call.write({ httpLogs: { logEntry: [entry('/1', 'id-1')] } });
  call.cancel();
  await once(call, 'status');
  await stream({ httpLogs: { logEntry: [entry('/2', 'id-2')] } });
  expect(sink.arrivals('id-2')).toHaveLength(1);
});
