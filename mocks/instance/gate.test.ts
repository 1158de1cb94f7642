// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { createServer, connect as connectTcp, type AddressInfo, type Socket } from 'node:net';
import { connect as connectHttp2 } from 'node:http2';
import { Agent, request, type Dispatcher } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { echoKind } from '../echo/server.ts';
import type { Fault } from './fault.ts';
import { Instance } from './instance.ts';

const disposables: AsyncDisposable[] = [];

afterEach(async () => {
  for (const disposable of disposables.splice(0).reverse()) await disposable[Symbol.asyncDispose]();
});

async function openEcho(fault: Fault = 'none'): Promise<Instance> {
  const instance = await Instance.open(echoKind, {}, { name: 'echo', address: '127.0.0.1', ports: () => 0 });
  disposables.push(instance);
  await instance.setFault(fault);
  return instance;
}

function openAgent(options: Agent.Options = {}): Agent {
  const agent = new Agent(options);
  disposables.push({ [Symbol.asyncDispose]: () => agent.destroy() });
  return agent;
}

function get(instance: Instance, options: { dispatcher?: Dispatcher; signal?: AbortSignal } = {}): ReturnType<typeof request> {
  return request(`http://127.0.0.1:${instance.port}/`, { dispatcher: options.dispatcher ?? openAgent(), ...options });
}

async function connect(instance: Instance): Promise<Socket> {
  const socket = connectTcp({ host: '127.0.0.1', port: instance.port, allowHalfOpen: true });
  disposables.push({
    [Symbol.asyncDispose]: () => {
      socket.destroy();
      return Promise.resolve();
    },
  });
  await once(socket, 'connect');
  return socket;
}

const requestText = 'GET / HTTP/1.1\r\nhost: a.test\r\n\r\n';

describe('each fault, as a real client sees it', () => {
  it('none: the request is answered', async () => {
    const { statusCode } = await get(await openEcho());
    expect(statusCode).toBe(200);
  });

  it('refuse: the kernel refuses the connection, and the same port answers again afterwards', async () => {
    const echo = await openEcho('refuse');
    const { port } = echo;
    await expect(get(echo)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await echo.setFault('none');
    expect(echo.port).toBe(port);
    expect((await get(echo)).statusCode).toBe(200);
  });

  it('reset: the connection is accepted, then reset', async () => {
    const echo = await openEcho('reset');
    await expect(get(echo)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(echo.connections).toBe(1);
    expect(echo.arrivals()).toEqual([]);
  });

  it('hang: the request is read, and nothing comes back', async () => {
    const echo = await openEcho('hang');
    const agent = openAgent({ headersTimeout: 100 });
    await expect(get(echo, { dispatcher: agent })).rejects.toMatchObject({ code: 'UND_ERR_HEADERS_TIMEOUT' });
    expect(echo.connections).toBe(1);
  });

  it('half-close: the peer closes its side without an answer and goes on reading', async () => {
    const socket = await connect(await openEcho('half-close'));
    const received: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.write(requestText);
    await once(socket, 'end');
    expect(Buffer.concat(received).toString()).toBe('');
    // Were the peer's reading side closed too, the kernel would answer this with a reset.
    await new Promise((written) => socket.write('more', written));
    socket.end();
    await once(socket, 'close');
    expect(socket.errored).toBeNull();
  });

  it('malformed: the answer is no HTTP/1.1', async () => {
    await expect(get(await openEcho('malformed'))).rejects.toMatchObject({ name: 'HTTPParserError' });
  });

  it('malformed: the answer is no HTTP/2', async () => {
    const echo = await openEcho('malformed');
    const session = connectHttp2(`http://127.0.0.1:${echo.port}`);
    const [error] = (await once(session, 'error').catch((thrown: unknown) => [thrown])) as [unknown];
    expect(error).toMatchObject({ code: 'ERR_HTTP2_ERROR' });
  });

  it('slow: the answer trickles in pieces', async () => {
    const socket = await connect(await openEcho({ slow: { bytesPerSecond: 20 } }));
    socket.write(requestText);
    const [first] = (await once(socket, 'data')) as [Buffer];
    const [second] = (await once(socket, 'data')) as [Buffer];
    expect(Buffer.concat([first, second]).toString()).toBe('HT');
  });

  it('slow: at a high rate the answer is whole', async () => {
    const { statusCode, body } = await get(await openEcho({ slow: { bytesPerSecond: 1_000_000 } }));
    expect(statusCode).toBe(200);
    expect(await body.json()).toMatchObject({ peer: 'echo' });
  });

  it('slow: HTTP/2 is served too', async () => {
    const echo = await openEcho({ slow: { bytesPerSecond: 1_000_000 } });
    expect(await statusOverHttp2(echo)).toBe(200);
  });

  it.each([500, 503, 599])('status: %i for every request, without an arrival', async (status) => {
    const echo = await openEcho({ status });
    expect((await get(echo)).statusCode).toBe(status);
    expect(await statusOverHttp2(echo)).toBe(status);
    expect(echo.arrivals()).toEqual([]);
  });
});

describe('a change of fault', () => {
  it('cuts established connections, so that no pooled one goes round it', async () => {
    const echo = await openEcho();
    const agent = openAgent({ connections: 1 });
    await (await get(echo, { dispatcher: agent })).body.dump();
    await echo.setFault({ status: 503 });
    // The pool may notice the cut only as it sends.
    const { statusCode } = await get(echo, { dispatcher: agent }).catch(() => get(echo, { dispatcher: agent }));
    expect(statusCode).toBe(503);
  });

  it('ends a request that hangs with a reset', async () => {
    const echo = await openEcho('hang');
    const socket = await connect(echo);
    socket.write(requestText);
    await expect.poll(() => echo.connections).toBe(1);
    const failed = once(socket, 'error');
    await echo.setFault('none');
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }]);
  });

  it('can go through every pair of faults and back to health', async () => {
    const echo = await openEcho();
    const faults: Fault[] = [
      'refuse',
      'refuse',
      'reset',
      'hang',
      'refuse',
      { status: 500 },
      { slow: { bytesPerSecond: 9 } },
      'malformed',
      'half-close',
      'none',
    ];
    for (const fault of faults) await echo.setFault(fault);
    expect((await get(echo)).statusCode).toBe(200);
  });
});

describe('the gate', () => {
  it('takes the next port where one is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    disposables.push({
      [Symbol.asyncDispose]: async () => {
        taken.close();
        await once(taken, 'close');
      },
    });
    const ports = [(taken.address() as AddressInfo).port, 0];
    const instance = await Instance.open(echoKind, {}, { name: 'echo', address: '127.0.0.1', ports: () => ports.shift() ?? 0 });
    disposables.push(instance);
    expect((await get(instance)).statusCode).toBe(200);
    expect(ports).toEqual([]);
  });

  it('refuses connections once the instance is closed, and cuts the open ones', async () => {
    const echo = await openEcho();
    const socket = await connect(echo);
    await expect.poll(() => echo.connections).toBe(1);
    const failed = once(socket, 'error');
    await echo[Symbol.asyncDispose]();
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }]);
    await expect(get(echo)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    disposables.splice(disposables.indexOf(echo), 1);
  });
});

async function statusOverHttp2(instance: Instance): Promise<number> {
  const session = connectHttp2(`http://127.0.0.1:${instance.port}`).on('error', () => undefined);
  try {
    const stream = session.request({ ':path': '/' });
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    stream.resume();
    return Number(headers[':status']);
  } finally {
    session.destroy();
  }
}
