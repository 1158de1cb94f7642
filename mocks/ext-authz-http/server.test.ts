// SPDX-License-Identifier: Apache-2.0
import { request } from 'undici';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Instance } from '../instance/instance.ts';
import { extAuthzHttpKind } from './server.ts';

let server: Instance;

beforeEach(async () => {
  server = await Instance.open(extAuthzHttpKind, {}, { name: 'ext-authz-http', address: '127.0.0.1', ports: () => 0 });
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

async function ask(headers: Record<string, string>, body?: string): Promise<{ status: number; headers: object; body: string }> {
  const answer = await request(`http://127.0.0.1:${server.port}/a?b`, {
    headers: { 'x-gauntlet-id': 'id-1', connection: 'close', ...headers },
    ...(body === undefined ? {} : { method: 'POST', body }),
  });
  return { status: answer.statusCode, headers: answer.headers, body: await answer.body.text() };
}

it('allows a request with the header, and says so', async () => {
  expect(await ask({ 'x-ext-authz': 'allow' })).toMatchObject({
    status: 200,
    headers: { 'x-ext-authz-check-result': 'allowed' },
    body: '',
  });
});

it('denies every other, as programmed', async () => {
  expect(await ask({})).toMatchObject({ status: 403, headers: { 'x-ext-authz-check-result': 'denied' } });
  server.program({ deniedStatus: 401, deniedHeaders: { 'www-authenticate': 'Basic' }, deniedBody: 'who?' });
  expect(await ask({ 'x-ext-authz': 'deny' })).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Basic' }, body: 'who?' });
});

it('records what it was asked, with the body if there was one', async () => {
  await ask({ 'x-ext-authz': 'allow' });
  await ask({}, 'hello');
  expect(server.arrivals('id-1')).toMatchObject([
    { method: 'GET', path: '/a?b' },
    { method: 'POST', body: 'hello' },
  ]);
  expect(server.arrivals()[0]).not.toHaveProperty('body');
});
