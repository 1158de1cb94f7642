// SPDX-License-Identifier: Apache-2.0
import { credentials, makeGenericClientConstructor, status, type Client, type ServiceDefinition, type ServiceError } from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { grpcService } from '../grpc/service.ts';
import type { Fault } from '../instance/fault.ts';
import { Instance } from '../instance/instance.ts';
import type { RateLimitRequest, RateLimitResponse } from './messages.ts';
import { rateLimitKind } from './server.ts';

type Unary<Response> = (
  request: object,
  options: { readonly deadline: number },
  callback: (error: ServiceError | null, response: Response) => void,
) => void;

let server: Instance;
let clients: Client[];

beforeEach(async () => {
  clients = [];
  server = await Instance.open(rateLimitKind, {}, { name: 'rate-limit', address: '127.0.0.1', ports: () => 0 });
});

afterEach(async () => {
  for (const client of clients) client.close();
  await server[Symbol.asyncDispose]();
});

function call<Response>(service: ServiceDefinition, method: string, request: object, withinMs = 5000): Promise<Response> {
  const Constructor = makeGenericClientConstructor(service, 'Service');
  const client = new Constructor(`127.0.0.1:${server.port}`, credentials.createInsecure());
  clients.push(client);
  const unary = (client[method] as Unary<Response>).bind(client);
  return new Promise((resolve, reject) => {
    unary(request, { deadline: Date.now() + withinMs }, (error, response) => (error === null ? resolve(response) : reject(error)));
  });
}

const rateLimitService = grpcService('envoy.service.ratelimit.v3.RateLimitService');
const ask = (request: RateLimitRequest, withinMs?: number): Promise<RateLimitResponse> =>
  call(rateLimitService, 'shouldRateLimit', request, withinMs);
const descriptor = (...pairs: readonly (readonly [string, string])[]) => ({ entries: pairs.map(([key, value]) => ({ key, value })) });
const about = (...pairs: readonly (readonly [string, string])[]): RateLimitRequest => ({
  domain: 'shop',
  descriptors: [descriptor(...pairs)],
});
const codes = async (requests: readonly RateLimitRequest[]): Promise<string[]> => {
  const answers: string[] = [];
  for (const request of requests) answers.push((await ask(request)).overallCode);
  return answers;
};

describe('a limit', () => {
  it('lets everything pass if there is none', async () => {
    expect(await codes(Array.from({ length: 5 }, () => about(['a', '1'])))).toEqual(Array.from({ length: 5 }, () => 'OK'));
  });

  it('lets as many pass as it says, and no more', async () => {
    server.program({ limits: [{ entries: [{ key: 'user', value: 'alice' }], requests: 2 }] });
    expect(await codes(Array.from({ length: 4 }, () => about(['user', 'alice'])))).toEqual(['OK', 'OK', 'OVER_LIMIT', 'OVER_LIMIT']);
    expect(await codes([about(['user', 'bob']), about(['group', 'alice']), about(['user', 'alice'], ['path', '/'])])).toEqual([
      'OK',
      'OK',
      'OK',
    ]);
  });

  it('counts each value apart where it names none', async () => {
    server.program({ limits: [{ entries: [{ key: 'user' }], requests: 1 }] });
    expect(await codes([about(['user', 'alice']), about(['user', 'bob']), about(['user', 'alice'])])).toEqual(['OK', 'OK', 'OVER_LIMIT']);
  });

  it('is about entries in their order, and may be about one domain only', async () => {
    server.program({ limits: [{ domain: 'shop', entries: [{ key: 'a' }, { key: 'b' }], requests: 0 }] });
    const other = { ...about(['a', '1'], ['b', '2']), domain: 'other' };
    expect(await codes([about(['a', '1'], ['b', '2']), about(['b', '2'], ['a', '1']), other])).toEqual(['OVER_LIMIT', 'OK', 'OK']);
  });

  it('is said with each answer, descriptor by descriptor', async () => {
    server.program({ limits: [{ entries: [{ key: 'user' }], requests: 1, unit: 'MINUTE' }] });
    const request = { domain: 'shop', descriptors: [descriptor(['free', '1']), descriptor(['user', 'alice'])], hitsAddend: 2 };
    expect(await ask(request)).toMatchObject({
      overallCode: 'OVER_LIMIT',
      statuses: [
        { code: 'OK' },
        { code: 'OVER_LIMIT', currentLimit: { requestsPerUnit: 1, unit: 'MINUTE' }, durationUntilReset: { seconds: 60 } },
      ],
    });
    expect((await ask(about(['user', 'bob']))).statuses[0]).toMatchObject({ code: 'OK' });
  });

  it('counts from the start when it is programmed again', async () => {
    const program = { limits: [{ entries: [{ key: 'user' }], requests: 1 }] };
    server.program(program);
    expect(await codes([about(['user', 'alice']), about(['user', 'alice'])])).toEqual(['OK', 'OVER_LIMIT']);
    server.program(program);
    expect(await codes([about(['user', 'alice'])])).toEqual(['OK']);
  });

  it.each([
    ['ok', 'OK'],
    ['over-limit', 'OVER_LIMIT'],
  ] as const)('does not matter where the answer is always %s', async (always, code) => {
    server.program({ always, limits: [{ entries: [{ key: 'user' }], requests: 1 }] });
    expect(await codes([about(['user', 'alice']), about(['user', 'alice']), {}])).toEqual([code, code, code]);
  });

  it('is answered with the headers that are programmed', async () => {
    server.program({ responseHeaders: { 'x-to-client': 'a' }, requestHeaders: { 'x-to-backend': 'b' } });
    expect(await ask({})).toMatchObject({
      responseHeadersToAdd: [{ key: 'x-to-client', value: 'a' }],
      requestHeadersToAdd: [{ key: 'x-to-backend', value: 'b' }],
    });
  });

  it.each([
    { always: 'maybe' },
    { limits: [{ entries: [], requests: 1 }] },
    { limits: [{ entries: [{ key: 'a' }], requests: -1 }] },
    { unknown: 1 },
  ])('cannot be programmed to %j', (behaviour) => expect(() => server.program(behaviour)).toThrow());
});

describe('the record', () => {
  it('has the domain and the descriptors of each question, and the id that is an entry', async () => {
    await ask({ domain: 'shop', descriptors: [descriptor(['user', 'alice'], ['x-gauntlet-id', 'id-1']), descriptor(['path', '/a'])] });
    await ask({});
    expect(server.arrivals('id-1')).toMatchObject([
      {
        method: 'ShouldRateLimit',
        path: 'shop',
        descriptors: [
          [
            { key: 'user', value: 'alice' },
            { key: 'x-gauntlet-id', value: 'id-1' },
          ],
          [{ key: 'path', value: '/a' }],
        ],
      },
    ]);
    expect(server.arrivals()).toHaveLength(2);
  });
});

describe('health, asked by the client definition of grpc-health-check', () => {
  it.each(['', 'envoy.service.ratelimit.v3.RateLimitService'])('is SERVING for "%s"', async (service) => {
    expect(await call(healthService, 'check', { service })).toMatchObject({ status: 'SERVING' });
  });
});

describe('each fault, as a real gRPC client sees it', () => {
  it.each<[Fault, number]>([
    ['refuse', status.UNAVAILABLE],
    ['reset', status.UNAVAILABLE],
    [{ status: 503 }, status.UNAVAILABLE],
  ])('%j gives status %i', async (fault, code) => {
    await server.setFault(fault);
    await expect(ask(about(['a', '1']))).rejects.toMatchObject({ code });
    expect(server.arrivals()).toEqual([]);
  });

  it('a delay runs into the deadline of the client, but the question has arrived and was counted', async () => {
    const limits = [{ entries: [{ key: 'user' }], requests: 1 }];
    server.program({ delayMs: 3_600_000, limits });
    await expect(ask(about(['user', 'alice']), 200)).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
    expect(server.arrivals()).toHaveLength(1);
  });
});
