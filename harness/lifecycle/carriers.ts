// SPDX-License-Identifier: Apache-2.0
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { connect as connectTcp, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { Carrier, GeneratorSettings, StreamRequest } from './streams.ts';

/** What came of a request. */
export type Came = { readonly status: number } | { readonly error: string };

/** Not processed by the server, by its own word (RFC 9113, 8.7). */
const refused = 'refused';
const timedOut = 'timeout';

/** Sends the requests of one stream over one carrier. */
export interface Transport {
  send(id: string): Promise<Came>;
  /** What is sent from now on goes over new connections; what is under way ends on the old ones. */
  renew(): void;
  close(): void;
}

/** The carrier for one stream. Kept connections are its own, so that no request travels under another's identity. */
export function openTransport(carrier: Carrier, request: StreamRequest, settings: GeneratorSettings): Transport {
  switch (carrier) {
    case 'http/1.1 kept':
      return http1(request, settings, true);
    case 'http/1.1 fresh':
      return http1(request, settings, false);
    case 'h2 kept':
      return h2Kept(request, settings);
    case 'h2 fresh':
      return h2Fresh(request, settings);
  }
}

function http1(request: StreamRequest, settings: GeneratorSettings, keepAlive: boolean): Transport {
  const { method = 'GET', path = '/', headers, tls, host = settings.host } = request;
  const { endpoint, timeoutMs, mostInFlight } = settings;
  const Agent = tls === undefined ? http.Agent : https.Agent;
  const newAgent = () => new Agent({ keepAlive, maxSockets: mostInFlight });
  let agent = newAgent();
  const open = tls === undefined ? http.request : https.request;
  return {
    send: (id) =>
      new Promise((resolve) => {
        const sent = open({
          agent,
          host: endpoint.address,
          port: endpoint.port,
          method,
          path,
          // Also a connection that does not stay is closed by its client first. Where the gateway does so, it remembers the port for a minute, and
          // refuses the next connection that comes from there, as soon happens behind a Service.
          headers: { host, ...headers, 'x-gauntlet-id': id, connection: 'keep-alive' },
          ...tlsOptions(tls, host, 'http/1.1'),
        });
        const timer = setTimeout(() => sent.destroy(new Error(timedOut)), timeoutMs);
        const end = (came: Came): void => {
          clearTimeout(timer);
          resolve(came);
        };
        sent.once('response', (response) => {
          response.once('end', () => end({ status: response.statusCode ?? 0 }));
          response.once('close', () => end({ error: 'closed' }));
          response.resume();
        });
        sent.once('error', (error) => end({ error: codeOf(error) }));
        sent.end();
      }),
    renew: () => {
      retire(agent);
      agent = newAgent();
    },
    close: () => agent.destroy(),
  };
}

/** Closes connections as soon as nothing is under way on them. */
function retire(agent: http.Agent): void {
  agent.removeAllListeners('free');
  agent.on('free', (socket: Duplex) => void socket.destroy());
  for (const idle of Object.values(agent.freeSockets).flat()) idle?.destroy();
}

function h2Kept(request: StreamRequest, settings: GeneratorSettings): Transport {
  const connections = connectionsOf(request, settings);
  let current: Connection | undefined;
  const once = (id: string): Promise<Came> => {
    if (current?.isUsable() !== true) current = connections.open();
    return current.send(id);
  };
  return {
    send: async (id) => {
      const came = await once(id);
      // The server vouches that it did nothing with it, as for what comes after its last word to a connection; every client sends that again.
      return 'error' in came && came.error === refused ? once(id) : came;
    },
    renew: () => {
      current?.retire();
      current = undefined;
    },
    close: () => connections.close(),
  };
}

function h2Fresh(request: StreamRequest, settings: GeneratorSettings): Transport {
  const connections = connectionsOf(request, settings);
  return {
    send: (id) => {
      const connection = connections.open();
      const came = connection.send(id);
      connection.retire();
      return came;
    },
    renew: () => undefined,
    close: () => connections.close(),
  };
}

/** The connections of one stream over one carrier. */
function connectionsOf(request: StreamRequest, settings: GeneratorSettings) {
  const opened = new Set<Connection>();
  return {
    open: (): Connection => {
      const connection = connect(request, settings, () => opened.delete(connection));
      opened.add(connection);
      return connection;
    },
    close: (): void => {
      for (const connection of opened) connection.close();
    },
  };
}

/** An HTTP/2 connection. */
interface Connection {
  send(id: string): Promise<Came>;
  /** Whether it takes further requests. */
  isUsable(): boolean;
  /** Closed as soon as nothing is under way on it. */
  retire(): void;
  close(): void;
}

function connect(request: StreamRequest, settings: GeneratorSettings, closed: () => void): Connection {
  const { tls, host: own } = request;
  const { endpoint, host } = settings;
  const authority = isIP(endpoint.address) === 6 ? `[${endpoint.address}]` : endpoint.address;
  const scheme = tls === undefined ? 'http' : 'https';
  const at = { host: endpoint.address, port: endpoint.port };
  const socket = tls === undefined ? connectTcp(at) : connectTls({ ...at, ...tlsOptions(tls, own ?? host, 'h2') });
  const session = http2.connect(`${scheme}://${authority}:${endpoint.port}`, { createConnection: () => socket });
  let [underWay, isRetired] = [0, false];
  const close = (): void => {
    session.destroy();
    // A session that was told to close waits for its other end, which may be gone without a word.
    socket.destroy();
    closed();
  };
  const retire = (): void => {
    isRetired = true;
    if (underWay === 0) close();
  };
  // Each request learns of an error by itself, however many are under way. Told to go away: what is under way may finish.
  session
    .setMaxListeners(0)
    .on('error', () => undefined)
    .once('goaway', retire)
    .once('close', retire);
  return {
    send: async (id) => {
      underWay += 1;
      const came = await over(session, id, request, settings);
      underWay -= 1;
      // One that is there, and does not answer, takes no further requests.
      if ('error' in came && came.error === timedOut) isRetired = true;
      if (isRetired && underWay === 0) close();
      return came;
    },
    isUsable: () => !isRetired && !session.closed && !session.destroyed,
    retire,
    close,
  };
}

function over(
  session: http2.ClientHttp2Session,
  id: string,
  { method = 'GET', path = '/', headers, host: own }: StreamRequest,
  { host, timeoutMs }: GeneratorSettings,
): Promise<Came> {
  return new Promise((resolve) => {
    let status: number | undefined;
    let failure: string | undefined;
    const fields = { ':method': method, ':path': path, ':authority': own ?? host, ...headers, 'x-gauntlet-id': id };
    const stream = session.request(fields, { endStream: true });
    const timer = setTimeout(() => {
      failure ??= timedOut;
      // A stream of a connection that may never come is destroyed with it alone.
      if (session.connecting) session.destroy(new Error(timedOut));
      else stream.destroy();
    }, timeoutMs);
    const failed = (error: Error): void => void (failure ??= codeOf(error));
    // A session that never came about tells of itself, and its streams only that they were cancelled.
    session.once('error', failed);
    stream.once('response', (answer) => (status = answer[':status']));
    stream.once('error', failed);
    stream.once('close', () => {
      clearTimeout(timer);
      session.removeListener('error', failed);
      if (stream.rstCode === http2.constants.NGHTTP2_REFUSED_STREAM) failure = refused;
      session.off('error', failed);
      resolve(failure === undefined && status !== undefined ? { status } : { error: failure ?? 'closed' });
    });
    stream.resume();
  });
}

function tlsOptions(tls: StreamRequest['tls'], host: string, protocol: 'http/1.1' | 'h2'): ConnectionOptions {
  if (tls === undefined) return {};
  const name = tls.serverName ?? host;
  return {
    ...(tls.ca === undefined ? { rejectUnauthorized: false } : { ca: tls.ca }),
    ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
    ...(name === '' ? {} : { servername: name }),
    ALPNProtocols: [protocol],
  };
}

function codeOf(error: Error): string {
  // A stream whose session never came about says that it was cancelled, and why only as its cause.
  const { cause } = error;
  const told = cause instanceof Error ? cause : error;
  if (told.message === timedOut) return timedOut;
  return 'code' in told && typeof told.code === 'string' ? told.code : 'closed';
}
