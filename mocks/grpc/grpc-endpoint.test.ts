// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import http2 from 'node:http2';
import { createServer, type AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { GrpcEndpoint } from './grpc-endpoint.ts';

test('takes more resets than a server on the internet would: Envoy resets the stream of each request that was processed', async () => {
  const endpoint = new GrpcEndpoint({});
  const server = createServer((socket) => endpoint.accept(socket));
  onTestFinished(() => {
    endpoint.close();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const session = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => session.destroy());
  const goneAway: number[] = [];
  session.on('goaway', (code: number) => goneAway.push(code)).on('error', () => undefined);
  const headers = { ':method': 'POST', ':path': '/grpc.health.v1.Health/Watch', 'content-type': 'application/grpc', te: 'trailers' };
  for (let round = 0; round < 30; round += 1) {
    const streams = Array.from({ length: 100 }, () => session.request(headers));
    const closed = Promise.all(streams.map((stream) => once(stream, 'close')));
    for (const stream of streams) stream.close(http2.constants.NGHTTP2_CANCEL);
    await closed;
  }
  await new Promise((resolve) => session.ping(() => resolve(undefined)));
  expect(goneAway).toEqual([]);
});
