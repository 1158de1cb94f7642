// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { request } from 'undici';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Instance } from '../instance/instance.ts';
import type { EchoDescription } from './behaviour.ts';
import { echoKind } from './server.ts';

let echo: Instance;

beforeEach(async () => {
  echo = await Instance.open(echoKind, {}, { name: 'echo-a', address: '127.0.0.1', ports: () => 0 });
});
afterEach(() => echo[Symbol.asyncDispose]());

it('sends back what a WebSocket says, and records who asked for it', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${echo.port}/chat`, { headers: { 'x-gauntlet-id': 'id-1' } });
  await once(socket, 'open');
  const messages: string[] = [];
  socket.on('message', (data: Buffer) => messages.push(data.toString()));
  socket.send('one');
  await once(socket, 'message');
  socket.send('two');
  await once(socket, 'message');
  socket.close();
  await once(socket, 'close');
  expect(messages).toEqual(['one', 'two']);
  expect(echo.arrivals('id-1')).toMatchObject([{ path: '/chat', headers: { upgrade: ['websocket'] } }]);
});

it('refuses other protocols', async () => {
  const headers = { 'x-gauntlet-id': 'id-1' };
  const upgrade = request(`http://127.0.0.1:${echo.port}/`, { headers, upgrade: 'nonsense' });
  await expect(upgrade).rejects.toThrow();
});

it('says how header names were written', async () => {
  const { body } = await request(`http://127.0.0.1:${echo.port}/`, { headers: { 'X-CaSeD': '1' } });
  expect(((await body.json()) as EchoDescription).writtenNames).toContain('X-CaSeD');
});
