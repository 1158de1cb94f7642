// SPDX-License-Identifier: Apache-2.0
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Call } from './call.ts';
import { proxyHeader } from './proxy-header.ts';
import { tlsOptions } from './tls.ts';

/** Begins a connection for a call: a PROXY header first where one is asked for, then TLS where the call has it. */
export function connectFor(call: Pick<Call, 'endpoint' | 'request'>, protocol: Parameters<typeof tlsOptions>[1]): Socket {
  const { endpoint, request } = call;
  const address = { host: endpoint.address, port: endpoint.port };
  if (request.proxyProtocol === undefined) {
    return request.tls === undefined ? connectTcp(address) : connectTls({ ...address, ...tlsOptions(call, protocol) });
  }
  const socket = connectTcp(address);
  // Kept by the socket until it is connected, in front of whatever is written after it.
  socket.write(proxyHeader(request.proxyProtocol, endpoint));
  return request.tls === undefined ? socket : connectTls({ socket, ...tlsOptions(call, protocol) });
}

/** Whether a call must not share its connection with others. */
export function needsOwnConnection({ request }: Pick<Call, 'request'>): boolean {
  // The pool of HTTP/1.1 does not tell apart what was offered by ALPN.
  return (
    request.freshConnection === true ||
    request.untilClosed === true ||
    request.proxyProtocol !== undefined ||
    request.tls?.alpn !== undefined
  );
}
