// SPDX-License-Identifier: Apache-2.0
import { credentials, makeGenericClientConstructor, status, type Client, type ServiceDefinition, type ServiceError } from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { grpcService } from '../grpc/service.ts';
import type { Fault } from '../instance/fault.ts';
import { Instance } from '../instance/instance.ts';
import { openedContext } from './behaviour.ts';
import type { CheckRequest, CheckResponse } from './check-messages.ts';
import { extAuthzKind } from './server.ts';

type Unary<Response> = (
  request: object,
  options: { readonly deadline: number },
  callback: (error: ServiceError | null, response: Response) => void,
) => void;

let server: Instance;
let clients: Client[];

beforeEach(async () => {
  clients = [];
  server = await Instance.open(extAuthzKind, {}, { name: 'ext-authz', address: '127.0.0.1', ports: () => 0 });
});

afterEach(async () => {
  for (const client of clients) client.close();
  await server[Symbol.asyncDispose]();
});

function call<Response>(service: ServiceDefinition, request: object, withinMs = 5000): Promise<Response> {
  const Constructor = makeGenericClientConstructor(service, 'Service');
  const client = new Constructor(`127.0.0.1:${server.port}`, credentials.createInsecure());
  clients.push(client);
  const check = (client['check'] as Unary<Response>).bind(client);
  return new Promise((resolve, reject) => {
    check(request, { deadline: Date.now() + withinMs }, (error, response) => (error === null ? resolve(response) : reject(error)));
  });
}

const authorization = grpcService('envoy.service.auth.v3.Authorization');
const check = (headers: Record<string, string>, withinMs?: number): Promise<CheckResponse> =>
  call(
    authorization,
    { attributes: { request: { http: { method: 'GET', path: '/a', host: 'shop.test', headers } } } } satisfies CheckRequest,
    withinMs,
  );

describe('the decision', () => {
  it('allows a request with the header, and sets its own header on it', async () => {
    expect(await check({ 'x-ext-authz': 'allow' })).toMatchObject({
      status: {},
      okResponse: { headers: [{ header: { key: 'x-ext-authz-check-result', value: 'allowed' } }] },
    });
  });

  it.each([{}, { 'x-ext-authz': 'deny' }, { 'x-ext-authz': 'allow ' }, { 'x-ext-authz': 'allow,allow' }, { 'x-other': 'allow' }])(
    'denies %j',
    async (headers) => {
      expect(await check(headers)).toMatchObject({
        status: { code: status.PERMISSION_DENIED },
        deniedResponse: { status: { code: 'Forbidden' }, headers: [{ header: { key: 'x-ext-authz-check-result', value: 'denied' } }] },
      });
    },
  );

  it.each(['allow', 'deny'] as const)('can be always %s', async (always) => {
    server.program({ always });
    const answers = await Promise.all([check({}), check({ 'x-ext-authz': 'allow' }), check({ 'x-ext-authz': 'deny' })]);
    expect(answers.map(({ okResponse }) => okResponse !== undefined)).toEqual(answers.map(() => always === 'allow'));
  });

  it('is as programmed', async () => {
    server.program({
      allowWhen: { header: 'X-Key', equals: 'k1' },
      addHeaders: { 'x-user': 'alice' },
      removeHeaders: ['x-key'],
      deniedStatus: 401,
      deniedHeaders: { 'www-authenticate': 'Basic' },
      deniedBody: 'who are you?',
    });
    expect(await check({ 'x-key': 'k1' })).toMatchObject({
      okResponse: { headers: [{ header: { key: 'x-user', value: 'alice' } }], headersToRemove: ['x-key'] },
    });
    expect(await check({ 'x-ext-authz': 'allow' })).toMatchObject({
      deniedResponse: { status: { code: 'Unauthorized' }, headers: [{ header: { key: 'www-authenticate' } }], body: 'who are you?' },
    });
  });

  it.each([{ always: 'maybe' }, { deniedStatus: 200 }, { allowWhen: {} }, { addHeaders: { 'a:b': 'c' } }, { unknown: 1 }])(
    'cannot be programmed to %j',
    (behaviour) => expect(() => server.program(behaviour)).toThrow(),
  );
});

describe('the record', () => {
  it('has each request that was asked about, by its id', async () => {
    await check({ 'x-gauntlet-id': 'id-1', 'x-ext-authz': 'allow', ':path': '/a' });
    await check({ 'x-gauntlet-id': 'id-2' });
    expect(server.arrivals('id-1')).toMatchObject([
      { id: 'id-1', method: 'GET', path: '/a', host: 'shop.test', headers: { 'x-ext-authz': ['allow'], 'x-gauntlet-id': ['id-1'] } },
    ]);
    expect(server.arrivals()).toHaveLength(2);
    expect(server.arrivals('id-1')[0]?.headers).not.toHaveProperty(':path');
  });

  it('has the name that the client gave in TLS', async () => {
    await call(authorization, {
      attributes: { request: { http: { headers: { 'x-gauntlet-id': 'id-1' } } }, tlsSession: { sni: 'a.test' } },
    } satisfies CheckRequest);
    expect(server.arrivals('id-1')).toMatchObject([{ context: { 'tls-sni': 'a.test' } }]);
  });

  it('has a request without attributes, which is denied', async () => {
    expect(await call(authorization, {})).toHaveProperty('deniedResponse');
    expect(server.arrivals()).toMatchObject([{ id: '', path: '' }]);
  });
});

describe('an opening of given length', () => {
  it('lets everyone through, and says of each request that it did', async () => {
    server.program({ openForMs: 60_000 });
    expect(await check({ 'x-gauntlet-id': 'id-1' })).toHaveProperty('okResponse');
    server.program({ openForMs: 0 });
    expect(await check({ 'x-gauntlet-id': 'id-2' })).toHaveProperty('deniedResponse');
    expect(server.arrivals().map(({ id, context }) => [id, context?.[openedContext]])).toEqual([
      ['id-1', 'true'],
      ['id-2', undefined],
    ]);
  });
});

describe('health, asked by the client definition of grpc-health-check', () => {
  it.each(['', 'envoy.service.auth.v3.Authorization'])('is SERVING for "%s"', async (service) => {
    expect(await call(healthService, { service })).toMatchObject({ status: 'SERVING' });
  });

  it('is NOT_FOUND for a service that is not there', async () => {
    await expect(call(healthService, { service: 'nope' })).rejects.toMatchObject({ code: status.NOT_FOUND });
  });
});

describe('each fault, as a real gRPC client sees it', () => {
  it.each<[Fault, number]>([
    ['refuse', status.UNAVAILABLE],
    ['reset', status.UNAVAILABLE],
    ['half-close', status.UNAVAILABLE],
    ['malformed', status.UNAVAILABLE],
    [{ status: 503 }, status.UNAVAILABLE],
    [{ status: 500 }, status.UNKNOWN],
  ])('%j gives status %i', async (fault, code) => {
    await server.setFault(fault);
    await expect(check({ 'x-ext-authz': 'allow' })).rejects.toMatchObject({ code });
    expect(server.arrivals()).toEqual([]);
  });

  it.each<Fault>(['hang', { slow: { bytesPerSecond: 1 } }])('%j runs into the deadline of the client', async (fault) => {
    await server.setFault(fault);
    await expect(check({ 'x-ext-authz': 'allow' }, 200)).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
  });

  it('a delay runs into it too, but the request has arrived', async () => {
    server.program({ delayMs: 3_600_000 });
    await expect(check({ 'x-gauntlet-id': 'id-1' }, 200)).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
    expect(server.arrivals('id-1')).toHaveLength(1);
  });

  it('is over once it is taken away', async () => {
    await server.setFault('refuse');
    await server.setFault('none');
    expect(await check({ 'x-ext-authz': 'allow' })).toHaveProperty('okResponse');
  });
});
