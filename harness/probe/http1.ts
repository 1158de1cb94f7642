// SPDX-License-Identifier: Apache-2.0
import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { authorityOf, BodyBuffer, bodyOf, groupFields, writtenNames, type Call, type Transport } from './call.ts';
import { connectFor, needsOwnConnection } from './connect.ts';
import type { ProbeResponse } from './exchange.ts';
import { BrokenAnswer, follow, WireFailure } from './failure.ts';
import { tlsOptions } from './tls.ts';

// No session is ever resumed: a resumed one skips the check of the client's certificate that a probe may be about.
const agentOptions = { keepAlive: true, maxCachedSessions: 0 };

/** HTTP/1.1 by Node's own client, which tells per request how far its connection came. Its agents keep connections apart by address and TLS identity. */
export function createHttp1(): Transport {
  const pools = { http: new HttpAgent(agentOptions), https: new HttpsAgent(agentOptions) };

  return {
    send: async (call) => {
      const isTls = call.request.tls !== undefined;
      const agent = needsOwnConnection(call) ? ownAgent(call) : isTls ? pools.https : pools.http;
      try {
        const sent = start(call, agent);
        const [answer] = await Promise.all([answerTo(sent, call), call.request.untilClosed === true ? endOf(sent, call) : undefined]);
        return answer;
      } finally {
        if (agent !== pools.http && agent !== pools.https) agent.destroy();
      }
    },
    [Symbol.asyncDispose]: () => {
      pools.http.destroy();
      pools.https.destroy();
      return Promise.resolve();
    },
  };
}

/** The same agent as the pool's, so that a fresh connection differs in nothing else from a pooled one. */
function ownAgent(call: Call): HttpAgent | HttpsAgent {
  const agent = call.request.tls === undefined ? new HttpAgent(agentOptions) : new HttpsAgent(agentOptions);
  if (call.request.proxyProtocol !== undefined) agent.createConnection = () => connectFor(call, 'http/1.1');
  return agent;
}

function start(call: Call, agent: HttpAgent | HttpsAgent): ClientRequest {
  const { endpoint, request, fields, signal } = call;
  const options = {
    host: endpoint.address,
    port: endpoint.port,
    method: request.method ?? 'GET',
    path: request.path ?? '/',
    headers: ['host', authorityOf(call), ...fields.flat()],
    agent,
    signal,
  };
  return request.tls === undefined ? httpRequest(options) : httpsRequest({ ...options, ...tlsOptions(call, 'http/1.1') });
}

/** The end of the connection, by the server. */
function endOf(sent: ClientRequest, { signal }: Call): Promise<void> {
  return new Promise((resolve, reject) => {
    sent.once('socket', (socket) => socket.once('close', () => resolve()));
    signal.addEventListener('abort', () => reject(new WireFailure(new Error('the connection still stands'))), { once: true });
  });
}

function answerTo(sent: ClientRequest, call: Call): Promise<ProbeResponse> {
  return new Promise((resolve, reject) => {
    sent.on('socket', (socket) => {
      follow(socket, call.trail);
    });
    sent.on('response', (response) => {
      call.trail.stage = 'http';
      readAnswer(response, resolve, reject);
    });
    sent.on('error', (error) => {
      reject(new WireFailure(error));
    });
    sent.end(bodyOf(call.request));
  });
}

function readAnswer(response: IncomingMessage, resolve: (answer: ProbeResponse) => void, reject: (error: WireFailure) => void): void {
  const status = response.statusCode ?? 0;
  const body = new BodyBuffer();
  const { rawHeaders } = response;
  const finish = (): void =>
    resolve({ status, headers: groupFields(rawHeaders), writtenNames: writtenNames(rawHeaders), body: body.text() });
  response.on('data', (chunk: Buffer) => {
    if (!body.add(chunk)) return;
    finish();
    response.destroy();
  });
  response.on('end', finish);
  response.on('error', (error) => reject(new WireFailure(new BrokenAnswer(status, body.bytes, error))));
}
