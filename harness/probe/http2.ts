// SPDX-License-Identifier: Apache-2.0
import { connect as connectHttp2, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { authorityOf, BodyBuffer, bodyOf, groupFields, type Call, type Transport } from './call.ts';
import { connectFor, needsOwnConnection } from './connect.ts';
import type { ProbeResponse } from './exchange.ts';
import { BrokenAnswer, follow, WireFailure, type Trail } from './failure.ts';
import { tlsOptions } from './tls.ts';

interface Connection {
  readonly trail: Trail;
  readonly session: Promise<ClientHttp2Session>;
  readonly isOpen: () => boolean;
  readonly close: () => void;
}

/** HTTP/2 by Node's own client: by ALPN over TLS, by prior knowledge without. */
export function createHttp2(): Transport {
  const pool = new Map<string, Connection>();

  const connectionFor = (call: Call): Connection => {
    if (needsOwnConnection(call)) return open(call);
    const key = JSON.stringify([call.endpoint, call.request.tls, call.request.tls && tlsOptions(call, 'h2').servername]);
    const pooled = pool.get(key);
    if (pooled?.isOpen() === true) return pooled;
    const connection = open(call);
    pool.set(key, connection);
    return connection;
  };

  return {
    send: async (call) => {
      const connection = connectionFor(call);
      call.trail = connection.trail;
      const giveUp = (): void => {
        // A connection that does not come about is no good for anyone; one that is up keeps serving the others.
        if (connection.trail.stage === 'connect' || connection.trail.stage === 'tls') connection.close();
      };
      call.signal.addEventListener('abort', giveUp);
      try {
        return await answerTo(await connection.session, call);
      } finally {
        call.signal.removeEventListener('abort', giveUp);
        if (needsOwnConnection(call)) connection.close();
      }
    },
    [Symbol.asyncDispose]: () => {
      for (const connection of pool.values()) connection.close();
      return Promise.resolve();
    },
  };
}

function open(call: Call): Connection {
  const trail: Trail = { stage: 'connect' };
  let established: ClientHttp2Session | undefined;
  const socket = connectFor(call, 'h2');
  follow(socket, trail);
  const session = establish(socket, call, trail);
  session.then(
    (opened) => (established = opened),
    // Whoever asked for the connection hears of its failure.
    () => undefined,
  );
  return {
    trail,
    session,
    isOpen: () => !socket.destroyed && established?.closed !== true && trail.ended === undefined,
    close: () => socket.destroy(),
  };
}

function establish(socket: Socket, call: Call, trail: Trail): Promise<ClientHttp2Session> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      reject(new WireFailure(error));
    };
    socket.once('error', fail);
    socket.once('close', () => {
      fail(new Error('the connection was closed'));
    });
    socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
      const { alpn = ['h2'] } = call.request.tls ?? {};
      if (socket instanceof TLSSocket && socket.alpnProtocol !== 'h2' && alpn.includes('h2')) {
        trail.stage = 'tls';
        fail(
          Object.assign(new Error(`the server chose ${socket.alpnProtocol || 'no protocol'} by ALPN`), { code: 'no_application_protocol' }),
        );
        socket.destroy();
        return;
      }
      const scheme = socket instanceof TLSSocket ? 'https' : 'http';
      const session = connectHttp2(`${scheme}://${authorityOf({ endpoint: call.endpoint, request: {} })}`, {
        createConnection: () => socket,
      });
      session.on('error', (error) => (trail.ended ??= error));
      session.on('goaway', (code) => {
        if (code !== 0) trail.ended ??= new Error(`the server sent GOAWAY with error code ${code}`);
      });
      resolve(session);
    });
  });
}

async function answerTo(session: ClientHttp2Session, call: Call): Promise<ProbeResponse> {
  const { request, signal } = call;
  const headers: Record<string, string | string[]> = {
    ':method': request.method ?? 'GET',
    ':path': request.path ?? '/',
    ':scheme': request.tls === undefined ? 'http' : 'https',
    ':authority': authorityOf(call),
  };
  for (const [written, value] of call.fields) {
    const name = written.toLowerCase();
    headers[name] = name in headers ? [headers[name] ?? '', value].flat() : value;
  }
  if (session.closed || session.destroyed) throw new WireFailure(new Error('the connection was closed'));
  return await readAnswer(session.request(headers, { signal }), call);
}

function readAnswer(stream: ClientHttp2Stream, call: Call): Promise<ProbeResponse> {
  return new Promise((resolve, reject) => {
    const body = new BodyBuffer();
    let answer: Omit<ProbeResponse, 'body'> | undefined;
    let ended = false;
    const finish = (): void => {
      ended = true;
      if (answer !== undefined) resolve({ ...answer, body: body.text() });
    };
    const fail = (error: Error): void =>
      reject(new WireFailure(answer === undefined ? error : new BrokenAnswer(answer.status, body.bytes, error)));
    stream.on('response', (headers, _flags, raw: string[]) => {
      call.trail.stage = 'http';
      answer = { status: headers[':status'] ?? 0, headers: groupFields(raw.slice(raw.indexOf(':status') + 2)) };
    });
    stream.on('data', (chunk: Buffer) => {
      if (!body.add(chunk)) return;
      finish();
      stream.destroy();
    });
    stream.on('end', finish);
    stream.on('error', fail);
    // Covers the streams that end without an error and without an answer, and is a no-op for all others.
    stream.on('close', () => {
      if (!ended || answer === undefined) fail(new Error('the stream was closed'));
    });
    stream.end(bodyOf(call.request));
  });
}
