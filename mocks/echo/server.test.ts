// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { connect as connectHttp2, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { text } from 'node:stream/consumers';
import { Agent, request } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Instance } from '../instance/instance.ts';
import { answerHeader, type EchoDescription } from './behaviour.ts';
import { echoKind } from './server.ts';

let echo: Instance;
let agent: Agent;
let origin: string;
let sessions: ClientHttp2Session[];

beforeEach(async () => {
  echo = await Instance.open(echoKind, {}, { name: 'echo-a', address: '127.0.0.1', ports: () => 0 });
  agent = new Agent();
  sessions = [];
  origin = `http://127.0.0.1:${echo.port}`;
});

afterEach(async () => {
  await agent.destroy();
  for (const session of sessions) session.destroy();
  await echo[Symbol.asyncDispose]();
});

type Options = Omit<NonNullable<Parameters<typeof request>[1]>, 'dispatcher'>;

async function send(path = '/', options: Options = {}): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  const { statusCode, headers, body } = await request(`${origin}${path}`, { dispatcher: agent, ...options });
  return { status: statusCode, headers, body: await body.text() };
}

function openHttp2(): ClientHttp2Session {
  const session = connectHttp2(origin);
  // The instance cuts what is open when it ends.
  session.on('error', () => undefined);
  sessions.push(session);
  return session;
}

async function sendHttp2(session: ClientHttp2Session, headers: OutgoingHttpHeaders, body = ''): Promise<{ status: number; body: string }> {
  const stream = session.request(headers, { endStream: body === '' });
  if (body !== '') stream.end(body);
  const [answer] = (await once(stream, 'response')) as [Record<string, unknown>];
  return { status: Number(answer[':status']), body: await text(stream) };
}

describe('a request over HTTP/1.1', () => {
  it('is described in the answer', async () => {
    const { status, headers, body } = await send('/a?b=1', {
      method: 'POST',
      body: 'hello',
      headers: { 'x-gauntlet-id': 'id-1', host: 'shop.test' },
    });
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'x-gauntlet-peer': 'echo-a' });
    expect(JSON.parse(body)).toMatchObject({
      peer: 'echo-a',
      id: 'id-1',
      method: 'POST',
      path: '/a?b=1',
      host: 'shop.test',
      protocol: 'HTTP/1.1',
    });
  });

  it('is recorded by its id', async () => {
    await send('/1', { headers: { 'x-gauntlet-id': 'id-1' } });
    await send('/2', { headers: { 'x-gauntlet-id': 'id-2' } });
    await send('/3');
    expect(echo.arrivals('id-2')).toMatchObject([{ id: 'id-2', path: '/2' }]);
    expect(echo.arrivals().map(({ id, path }) => [id, path])).toEqual([
      ['id-1', '/1'],
      ['id-2', '/2'],
      ['', '/3'],
    ]);
  });

  it('keeps repeated headers apart, in order', async () => {
    const { body } = await send('/', { headers: { 'x-many': ['b', 'a'] } });
    expect((JSON.parse(body) as EchoDescription).headers['x-many']).toEqual(['b', 'a']);
  });

  it('has arrived even if it is answered after the client has left', async () => {
    echo.program({ delayMs: 3_600_000 });
    const gone = new AbortController();
    const left = send('/', { headers: { 'x-gauntlet-id': 'id-1' }, signal: gone.signal }).catch(() => undefined);
    await expect.poll(() => echo.arrivals('id-1')).toHaveLength(1);
    gone.abort();
    await left;
  });

  it('that is cut off in its body has arrived too, and is not answered', async () => {
    const socket = connectTcp(echo.port, '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nhost: a.test\r\nx-gauntlet-id: id-1\r\ncontent-length: 100\r\n\r\nonly this');
    await expect.poll(() => echo.arrivals('id-1')).toHaveLength(1);
    socket.resetAndDestroy();
    expect((await send()).status).toBe(200);
  });

  it('with a large body is answered after all of it was read', async () => {
    expect((await send('/', { method: 'PUT', body: Buffer.alloc(4 * 1024 * 1024) })).status).toBe(200);
  });

  it('that is no HTTP ends the connection without an arrival', async () => {
    const socket = connectTcp(echo.port, '127.0.0.1');
    socket.on('error', () => undefined).end('\u0016\u0003\u0001 this is no request\r\n\r\n');
    await once(socket.resume(), 'close');
    expect(echo.arrivals()).toEqual([]);
    expect((await send()).status).toBe(200);
  });
});

describe('a request over HTTP/2 with prior knowledge', () => {
  it('is described in the answer, many at once on one connection', async () => {
    const session = openHttp2();
    const paths = ['/a', '/b', '/c'];
    const answers = await Promise.all(
      paths.map((path) =>
        sendHttp2(session, { ':path': path, ':method': 'POST', ':authority': 'shop.test', 'x-gauntlet-id': path }, 'body'),
      ),
    );
    expect(answers.map(({ body }) => JSON.parse(body) as EchoDescription)).toMatchObject(
      paths.map((path) => ({ path, id: path, method: 'POST', host: 'shop.test', protocol: 'HTTP/2.0' })),
    );
    expect(echo.connections).toBe(1);
    expect(echo.arrivals('/b')).toHaveLength(1);
  });

  it('is recognised however its first bytes are cut', async () => {
    const preface = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])]);
    const socket = connectTcp({ port: echo.port, host: '127.0.0.1', noDelay: true });
    for (const byte of preface) await new Promise((written) => socket.write(Buffer.from([byte]), written));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    // The server's own first frame: SETTINGS, type 4 on stream 0.
    expect(answer[3]).toBe(4);
    expect(answer.readUInt32BE(5)).toBe(0);
  });

  it('is not mistaken for a method that begins alike', async () => {
    expect(JSON.parse((await send('/', { method: 'PROPFIND' })).body)).toMatchObject({ method: 'PROPFIND' });
  });
});

describe('a programmed answer', () => {
  it('has its status, headers and body, over both versions', async () => {
    echo.program({ status: 418, headers: { 'x-one': 'a', 'x-two': ['b', 'c'], 'content-type': 'text/teapot' }, body: 'short and stout' });
    const answer = await send();
    expect(answer).toMatchObject({ status: 418, body: 'short and stout' });
    expect(answer.headers).toMatchObject({ 'x-one': 'a', 'x-two': ['b', 'c'], 'content-type': 'text/teapot' });
    const session = openHttp2();
    expect(await sendHttp2(session, { ':path': '/' })).toEqual({ status: 418, body: 'short and stout' });
  });

  it('of the first arrivals of each request id comes before all others', async () => {
    echo.program({ first: [{ status: 503 }, { status: 500, body: 'again' }], status: 202 });
    const statuses: number[] = [];
    for (const id of ['a', 'a', 'b', 'a', 'b']) statuses.push((await send('/', { headers: { 'x-gauntlet-id': id } })).status);
    expect(statuses).toEqual([503, 500, 503, 202, 500]);
    echo.program({ first: [{ status: 503 }] });
    expect((await send('/', { headers: { 'x-gauntlet-id': 'a' } })).status).toBe(503);
  });

  it.each([204, 304])('without a body for %i', async (status) => {
    echo.program({ status, body: 'must not be sent' });
    expect(await send()).toMatchObject({ status, body: '' });
  });

  it('holds until the next one, which begins from the defaults', async () => {
    echo.program({ status: 500, body: 'no' });
    echo.program({ headers: { 'x-next': '1' } });
    const { status, body } = await send();
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ peer: 'echo-a' });
  });

  it('that HTTP/2 cannot carry becomes a 500 that says so', async () => {
    echo.program({ headers: { 'keep-alive': 'timeout=1' } });
    const { status, body } = await sendHttp2(openHttp2(), { ':path': '/' });
    expect(status).toBe(500);
    expect(body).toContain('keep-alive');
    expect((await send()).headers).toMatchObject({ 'keep-alive': 'timeout=1' });
  });

  it.each([{ status: 100 }, { status: 'x' }, { headers: { 'a b': 'c' } }, { headers: { a: 'b\r\nc: d' } }, { unknown: 1 }, 'text', null])(
    'is refused if it cannot be given: %j',
    (behaviour) => expect(() => echo.program(behaviour)).toThrow(),
  );
});

describe('an answer that the request asks for', () => {
  it('is given if the instance allows it', async () => {
    echo.program({ status: 500, answerPerRequest: true });
    expect(await send('/', { headers: { [answerHeader]: '{"status":202,"body":"mine"}' } })).toMatchObject({ status: 202, body: 'mine' });
    expect((await send()).status).toBe(500);
  });

  it('is ignored otherwise', async () => {
    expect((await send('/', { headers: { [answerHeader]: '{"status":202}' } })).status).toBe(200);
  });

  it.each(['{', '{"status":1}', '[]'])('is a 500 that says why if it cannot be given: %s', async (asked) => {
    echo.program({ answerPerRequest: true });
    const { status, body } = await send('/', { headers: { [answerHeader]: asked } });
    expect(status).toBe(500);
    expect(body).not.toBe('\n');
  });
});
