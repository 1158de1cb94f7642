// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { ArrivalRecorder, Exchange } from '../probe/exchange.ts';
import { currentDenials, Denials } from './denials.ts';
import { Mismatch } from './expect.ts';
import { absent, body, denied, header, holds, outcome, reached, refused, same, status, unreached } from './matchers.ts';
import { FakeGateway, type Treatment } from './testing/fake-gateway.ts';

function exchangeOf(treatment: Treatment): { gateway: FakeGateway; exchange: Exchange } {
  const gateway = new FakeGateway();
  gateway.treat = () => treatment;
  return { gateway, exchange: gateway.exchange() };
}

const alert = { layer: 'tls', code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', message: 'certificate required' } as const;

async function mismatchOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Mismatch) return `${error.expected} | ${error.actual}`;
    throw error;
  }
  return 'held';
}

test.each<readonly [Treatment, string]>([
  [{ status: 401 }, 'held'],
  [{ status: 200 }, '401, 0 arrivals at echo | 200, 0 arrivals at echo'],
  [{ status: 401, reaches: true }, '401, 0 arrivals at echo | 401, 1 arrival at echo'],
  [{ status: 200, reaches: true }, '401, 0 arrivals at echo | 200, 1 arrival at echo'],
  [{ status: 0, error: alert }, `401, 0 arrivals at echo | no answer (tls: ${alert.code}), 0 arrivals at echo`],
])('denied is the status and no arrival: %j', async (treatment, text) => {
  const { gateway, exchange } = exchangeOf(treatment);
  expect(await mismatchOf(() => denied(exchange, { status: 401, before: gateway }))).toBe(text);
});

test('denied can ask for the body, and says which it got instead', async () => {
  const { gateway, exchange } = exchangeOf({ status: 500, body: 'upstream error' });
  expect(await mismatchOf(() => denied(exchange, { status: 500, body: 'replaced', before: gateway }))).toBe(
    '500 with body "replaced", 0 arrivals at echo | 500 with body "upstream error", 0 arrivals at echo',
  );
  await denied(exchange, { status: 500, body: /^upstream/, before: gateway });
});

test('denied asks every peer', async () => {
  const { gateway, exchange } = exchangeOf({ status: 401 });
  const second: ArrivalRecorder = {
    name: 'echo-b',
    arrivals: () => Promise.resolve([{ id: exchange.id, method: 'GET', path: '/', host: '', headers: {}, at: 0 }]),
  };
  expect(await mismatchOf(() => denied(exchange, { status: 401, before: [gateway, second] }))).toBe(
    '401, 0 arrivals at echo, 0 arrivals at echo-b | 401, 0 arrivals at echo, 1 arrival at echo-b',
  );
});

test('only what was found denied is watched until the end of the check', async () => {
  const denials = new Denials();
  const { gateway, exchange } = exchangeOf({ status: 401 });
  const other = gateway.exchange();
  await currentDenials.run(denials, async () => {
    await denied(exchange, { status: 401, before: gateway });
    await mismatchOf(() => denied(other, { status: 403, before: gateway }));
  });
  gateway.arrive(other.id);
  expect(await denials.late()).toEqual([]);
  gateway.arrive(exchange.id);
  expect(await denials.late()).toEqual([{ exchange, recorder: 'echo' }]);
  expect(denials.recorders).toEqual([gateway]);
});

test('refused is no answer, at a layer that counts, and no arrival', async () => {
  const { gateway, exchange } = exchangeOf({ status: 0, error: alert });
  await refused(exchange, { before: gateway });
  expect(await mismatchOf(() => refused(exchange, { before: gateway, layers: ['connect'] }))).toBe(
    `refused by connect, 0 arrivals at echo | no answer (tls: ${alert.code}), 0 arrivals at echo`,
  );
  const answered = exchangeOf({ status: 503 });
  expect(await mismatchOf(() => refused(answered.exchange, { before: answered.gateway }))).toBe(
    'refused by connect or tls, 0 arrivals at echo | 503, 0 arrivals at echo',
  );
});

test('reached is the status and one arrival, which it returns', async () => {
  const { gateway, exchange } = exchangeOf({ status: 200, reaches: true });
  expect(await reached(exchange, gateway)).toMatchObject({ id: exchange.id });
  expect(await mismatchOf(() => reached(exchange, gateway, { status: 201 }))).toBe('201, 1 arrival at echo | 200, 1 arrival at echo');
  gateway.arrive(exchange.id);
  expect(await mismatchOf(() => reached(exchange, gateway))).toBe('200, 1 arrival at echo | 200, 2 arrivals at echo');
});

test('over bare TCP, reached is a line and one arrival', async () => {
  const gateway = new FakeGateway();
  gateway.treat = () => ({ status: 0, body: 'tcp-echo: hello', reaches: true });
  const exchange = gateway.exchange({ tcp: 'hello' });
  await reached(exchange, gateway);
  body(exchange, 'tcp-echo: hello');
  expect(outcome(exchange)).toBe('a line');
  gateway.treat = () => ({ status: 0, error: { layer: 'tcp', code: 'closed', message: 'the connection was closed' } });
  const silent = gateway.exchange({ tcp: 'hello' });
  expect(await mismatchOf(() => reached(silent, gateway))).toBe('a line, 1 arrival at echo | no answer (tcp: closed), 0 arrivals at echo');
  await refused(silent, { layers: ['tcp'], before: gateway });
});

test('unreached looks at all requests at once, whatever their answers', async () => {
  const gateway = new FakeGateway();
  gateway.treat = () => ({ status: 500 });
  const exchanges = [gateway.exchange(), gateway.exchange(), gateway.exchange()];
  const denials = new Denials();
  await currentDenials.run(denials, () => unreached(exchanges, gateway));
  gateway.arrive('x2');
  expect(await mismatchOf(() => unreached(exchanges, gateway))).toBe('0 of 3 requests at echo | 1 of them arrived');
  expect((await denials.late()).map((late) => late.exchange.id)).toEqual(['x2']);
});

test('status names what else came', async () => {
  const { exchange } = exchangeOf({ status: 503 });
  expect(status(exchange, 503).status).toBe(503);
  expect(await mismatchOf(() => status(exchange, 200, 204))).toBe('200 or 204 | 503');
  expect(await mismatchOf(() => status(exchangeOf({ status: 0, error: alert }).exchange, 200))).toBe(
    `200 | no answer (tls: ${alert.code})`,
  );
});

test.each([
  ['X-Added', 'by-gateway', 'held'],
  ['x-added', /^by-/, 'held'],
  ['x-added', absent, 'no header x-added | header x-added: "by-gateway"'],
  ['x-missing', absent, 'held'],
  ['x-missing', 'value', 'header x-missing: "value" | no header x-missing'],
  ['x-twice', 'a, b', 'held'],
  ['x-twice', 'a', 'header x-twice: "a" | header x-twice: "a, b"'],
] as const)('header %s against %s', async (name, expected, text) => {
  const headers = { 'x-added': ['by-gateway'], 'x-twice': ['a', 'b'] };
  const { exchange } = exchangeOf({ status: 200, headers });
  expect(await mismatchOf(() => header(exchange, name, expected))).toBe(text);
  expect(await mismatchOf(() => header({ id: 'x', method: 'GET', path: '/', host: '', at: 0, headers }, name, expected))).toBe(text);
});

test('no answer has no header, not even an absent one', async () => {
  const { exchange } = exchangeOf({ status: 0, error: alert });
  expect(await mismatchOf(() => header(exchange, 'x-any', absent))).toBe(`no header x-any | no answer (tls: ${alert.code})`);
});

test('body, same and holds say what they saw', async () => {
  const { exchange } = exchangeOf({ status: 200, body: 'x'.repeat(300) });
  expect(await mismatchOf(() => body(exchange, 'short'))).toBe(`body "short" | body "${'x'.repeat(200)}..."`);
  expect(await mismatchOf(() => body(exchange, /^x+$/))).toBe('held');
  expect(await mismatchOf(() => same('rejects', 1, 2))).toBe('rejects 2 | rejects 1');
  expect(await mismatchOf(() => same('rejects', undefined, 2))).toBe('rejects 2 | rejects undefined');
  expect(await mismatchOf(() => holds(false, 'a', 'b'))).toBe('a | b');
});

test('a mismatch carries the exchange that showed it', () => {
  const { exchange } = exchangeOf({ status: 503 });
  expect(() => status(exchange, 200)).toThrow(expect.objectContaining({ exchange }) as Error);
  expect(outcome(exchange)).toBe('503');
});
