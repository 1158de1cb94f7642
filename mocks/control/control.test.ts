// SPDX-License-Identifier: Apache-2.0
import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seconds } from '../../harness/units.ts';
import { PeerControl } from './client.ts';
import { ControlServer } from './server.ts';

let server: ControlServer;
let control: PeerControl;

beforeEach(async () => {
  server = await ControlServer.start({ address: '127.0.0.1', port: 0, ports: () => 0 });
  control = new PeerControl({ origin: `http://127.0.0.1:${server.port}`, timeout: seconds(5) });
});

afterEach(async () => {
  await control[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

async function get(port: number, id = ''): Promise<number> {
  const { statusCode, body } = await request(`http://127.0.0.1:${port}/`, { headers: { 'x-gauntlet-id': id, connection: 'close' } });
  await body.dump();
  return statusCode;
}

describe('an instance', () => {
  it('has a port, a behaviour and a record of its own', async () => {
    const [a, b] = await Promise.all([control.create('echo', 'a', { status: 201 }), control.create('echo', 'b', {})]);
    expect([await get(a.port, 'one'), await get(b.port, 'two')]).toEqual([201, 200]);
    expect(await control.arrivals(a.id)).toMatchObject([{ id: 'one' }]);
    expect(await control.arrivals(b.id, 'two')).toHaveLength(1);
    expect(await control.arrivals(b.id, 'one')).toEqual([]);
  });

  it('finds an arrival by any id that a header can carry', async () => {
    const { id, port } = await control.create('echo', 'a', {});
    await get(port, 'a&b=c/d?e');
    expect(await control.arrivals(id, 'a&b=c/d?e')).toHaveLength(1);
  });

  it('behaves as it was programmed last', async () => {
    const { id, port } = await control.create('echo', 'a', {});
    await control.program(id, { status: 202 });
    expect(await get(port)).toBe(202);
    await control.program(id, {});
    expect(await get(port)).toBe(200);
  });

  it('has a fault until it is taken away, and counts its connections', async () => {
    const { id, port } = await control.create('echo', 'a', {});
    await control.setFault(id, 'refuse');
    await expect(get(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await control.setFault(id, { status: 503 });
    expect(await get(port)).toBe(503);
    expect(await control.view(id)).toEqual({ id, kind: 'echo', name: 'a', port, fault: { status: 503 }, connections: 1 });
    await control.setFault(id, 'none');
    expect(await get(port)).toBe(200);
  });

  it('is gone when it is removed, and its port with it', async () => {
    const { id, port } = await control.create('ext-authz', 'a', {});
    await control.remove(id);
    await expect(get(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(control.arrivals(id)).rejects.toMatchObject({
      code: 'GAUNTLET_PEER',
      message: expect.stringContaining('no instance') as string,
    });
  });
});

it('an instance that had to forget arrivals does not say that something never came', async () => {
  const limits = { arrivals: 2, bytes: 1_000_000 };
  await using forgetful = await ControlServer.start({ address: '127.0.0.1', port: 0, ports: () => 0, limits });
  await using client = new PeerControl({ origin: `http://127.0.0.1:${forgetful.port}`, timeout: seconds(5) });
  const { id, port } = await client.create('echo', 'a', {});
  for (const request of ['one', 'two', 'three']) await get(port, request);
  expect(await client.arrivals(id, 'three')).toHaveLength(1);
  await expect(client.arrivals(id, 'one')).rejects.toMatchObject({ code: 'GAUNTLET_PEER' });
  await expect(client.arrivals(id)).rejects.toMatchObject({ code: 'GAUNTLET_PEER' });
});

describe('a refused call', () => {
  it.each([
    ['a behaviour that the kind does not have', () => control.create('echo', 'a', { status: 1 }), 'status'],
    ['a kind that does not exist', () => control.create('toaster' as 'echo', 'a', {}), 'no peer of kind toaster; kinds are '],
    ['an instance that does not exist', () => control.program('77', {}), 'no instance 77'],
  ])('says what was wrong: %s', async (_what, act, message) => {
    await expect(act()).rejects.toMatchObject({ code: 'GAUNTLET_PEER', message: expect.stringContaining(message) as string });
  });

  it('leaves the instance as it was', async () => {
    const { id, port } = await control.create('echo', 'a', { status: 202 });
    await expect(control.program(id, { status: 1 })).rejects.toThrow();
    await expect(control.setFault(id, 'explode' as 'none')).rejects.toThrow();
    expect(await get(port)).toBe(202);
  });

  it.each([
    ['POST', '/instances', '{', 400],
    ['POST', '/instances', '', 400],
    ['POST', '/instances', `{"kind":"echo","name":"${'x'.repeat(3 * 1024 * 1024)}"}`, 413],
    ['POST', '/instances', '{"kind":"constructor","name":"a"}', 400],
    ['POST', '/instances', '[]', 400],
    ['GET', '/instances', undefined, 405],
    ['PATCH', '/instances/1', '{}', 405],
    ['GET', '/elsewhere', undefined, 404],
    ['GET', '/instances/__proto__', undefined, 404],
  ])('%s %s is answered with its status', async (method, path, body, status) => {
    const answer = await request(`http://127.0.0.1:${server.port}${path}`, {
      method,
      ...(body === undefined ? {} : { body }),
      headers: { connection: 'close' },
    });
    expect(answer.statusCode).toBe(status);
    expect(await answer.body.json()).toMatchObject({ error: expect.any(String) as string });
    expect(await control.isHealthy()).toBe(true);
  });
});

describe('the control API', () => {
  it('is healthy while it runs and not afterwards', async () => {
    expect(await control.isHealthy()).toBe(true);
    await server[Symbol.asyncDispose]();
    expect(await control.isHealthy()).toBe(false);
    await expect(control.create('echo', 'a', {})).rejects.toMatchObject({
      code: 'GAUNTLET_PEER',
      message: expect.stringContaining('ECONNREFUSED') as string,
    });
    server = await ControlServer.start({ address: '127.0.0.1', port: 0, ports: () => 0 });
  });
});
