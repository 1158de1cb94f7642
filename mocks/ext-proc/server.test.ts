// SPDX-License-Identifier: Apache-2.0
import { credentials, makeGenericClientConstructor, status, type ClientDuplexStream } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { grpcService } from '../grpc/service.ts';
import { Instance } from '../instance/instance.ts';
import type { ProcessingRequest, ProcessingResponse } from './process-messages.ts';
import { extProcKind } from './server.ts';

const Client = makeGenericClientConstructor(grpcService('envoy.service.ext_proc.v3.ExternalProcessor'), 'ExternalProcessor');

let server: Instance;
let client: InstanceType<typeof Client>;

beforeEach(async () => {
  server = await Instance.open(extProcKind, {}, { name: 'ext-proc', address: '127.0.0.1', ports: () => 0 });
  client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure());
});

afterEach(async () => {
  client.close();
  await server[Symbol.asyncDispose]();
});

/** One exchange: the parts are sent, the answers come back in their order. */
async function exchange(...parts: readonly ProcessingRequest[]): Promise<readonly ProcessingResponse[]> {
  const open = client['process']?.bind(client) as unknown as () => ClientDuplexStream<ProcessingRequest, ProcessingResponse>;
  const stream = open();
  for (const part of parts) stream.write(part);
  stream.end();
  const answers: ProcessingResponse[] = [];
  for await (const answer of stream as AsyncIterable<ProcessingResponse>) answers.push(answer);
  return answers;
}

const headersOf = (headers: Record<string, string>): ProcessingRequest => ({
  requestHeaders: { headers: { headers: Object.entries(headers).map(([key, value]) => ({ key, rawValue: Buffer.from(value) })) } },
});
const requestHeaders = headersOf({ ':method': 'GET', ':path': '/a', ':authority': 'shop.test', 'x-gauntlet-id': 'id-1', 'x-a': '1' });

it('answers each part in its turn and changes nothing by default', async () => {
  const answers = await exchange(requestHeaders, { requestBody: {} }, { responseHeaders: {} }, { responseTrailers: {} });
  expect(answers.map((answer) => Object.keys(answer))).toEqual([
    ['requestHeaders'],
    ['requestBody'],
    ['responseHeaders'],
    ['responseTrailers'],
  ]);
  expect(answers[1]).toEqual({ requestBody: {} });
});

it('records the request once for each exchange', async () => {
  await exchange(requestHeaders, { responseHeaders: {} });
  expect(server.arrivals('id-1')).toMatchObject([{ method: 'GET', path: '/a', host: 'shop.test', headers: { 'x-a': ['1'] } }]);
  expect(server.arrivals()[0]?.headers).not.toHaveProperty(':path');
});

it('changes headers and bodies as programmed', async () => {
  server.program({ requestHeaders: { set: { 'x-b': '2' }, remove: ['x-a'] }, clearRouteCache: true, requestBody: 'new' });
  const set = { header: { key: 'x-b', rawValue: Buffer.from('2') }, appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD' };
  const length = { header: { key: 'content-length', rawValue: Buffer.from('3') }, appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD' };
  expect(await exchange(requestHeaders, { requestBody: {} })).toMatchObject([
    { requestHeaders: { response: { headerMutation: { setHeaders: [set], removeHeaders: ['x-a'] }, clearRouteCache: true } } },
    { requestBody: { response: { headerMutation: { setHeaders: [length] }, bodyMutation: { body: Buffer.from('new') } } } },
  ]);
});

it('answers the client itself where it is told to', async () => {
  server.program({ immediate: { at: 'requestBody', status: 418, body: 'tea' } });
  expect(await exchange(requestHeaders, { requestBody: {} })).toMatchObject([
    { requestHeaders: {} },
    { immediateResponse: { body: Buffer.from('tea') } },
  ]);
});

it('lets go on what carries the header of its exception, once and with that value', async () => {
  server.program({ immediate: { at: 'requestHeaders', unless: { header: 'X-Pass', equals: 'yes' } } });
  const kindsOf = async (...parts: readonly ProcessingRequest[]) => (await exchange(...parts)).map((answer) => Object.keys(answer));
  expect(await kindsOf(headersOf({ 'x-pass': 'yes' }), { responseHeaders: {} })).toEqual([['requestHeaders'], ['responseHeaders']]);
  expect(await kindsOf(headersOf({ 'x-pass': 'no' }))).toEqual([['immediateResponse']]);
  expect(await kindsOf(headersOf({}))).toEqual([['immediateResponse']]);
});

it('answers out of turn where it is told to', async () => {
  server.program({ confuse: 'requestHeaders' });
  expect(await exchange(requestHeaders)).toMatchObject([{ responseTrailers: {} }]);
});

it('ends the stream with the status where it is told to', async () => {
  server.program({ failure: { at: 'requestHeaders', code: status.INTERNAL } });
  await expect(exchange(requestHeaders)).rejects.toMatchObject({ code: status.INTERNAL });
});

it.each([{ immediate: { at: 'nowhere' } }, { failure: { at: 'requestBody' } }, { unknown: 1 }])(
  'cannot be programmed to %j',
  (behaviour) => {
    expect(() => server.program(behaviour)).toThrow();
  },
);
