// SPDX-License-Identifier: Apache-2.0
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { isErrno, messageOf } from '../errors.ts';
import { formatDuration, type Duration } from '../units.ts';
import type { Exchange, NegotiatedTls } from './exchange.ts';
import { negotiatedTls } from './tls.ts';

type Failure = NonNullable<Exchange['error']>;

/** How far a connection has come; kept up to date by {@link follow}, read when it fails. */
export interface Trail {
  /**
   * What is under way. `tls-unconfirmed` is TLS 1.3 after the client's half of the handshake: the server has not shown yet whether it accepts the
   * client's certificate, and a refusal of it arrives in the place of the first answer.
   */
  stage: 'connect' | 'tls' | 'tls-unconfirmed' | 'http';
  /** Why the connection as a whole ended, where the request itself learns only that it did (HTTP/2). */
  ended?: Error;
  /** What the handshake has come to, once it is over for the client. */
  tls?: NegotiatedTls;
}

/** By connection: what is known as the handshake ends is not for those who use it later. */
const negotiated = new WeakMap<Socket, NegotiatedTls>();

/** Keeps the trail of a socket that is connecting, or already connected. */
export function follow(socket: Socket, trail: Trail): void {
  const isTls = socket instanceof TLSSocket;
  if (!socket.connecting) {
    trail.stage = 'http';
    const tls = negotiated.get(socket);
    if (tls !== undefined) trail.tls = tls;
    return;
  }
  socket.once('connect', () => (trail.stage = isTls ? 'tls' : 'http'));
  if (!isTls) return;
  socket.once('secureConnect', () => {
    trail.stage = socket.getProtocol() === 'TLSv1.3' ? 'tls-unconfirmed' : 'http';
    trail.tls = negotiatedTls(socket);
    negotiated.set(socket, trail.tls);
  });
  // A TLS 1.3 server sends its tickets once it has accepted the client's half.
  socket.on('session', () => {
    if (trail.stage === 'tls-unconfirmed') trail.stage = 'http';
  });
}

/** Carries what happened on the wire to the exchange; anything else that is thrown is a mistake of the caller. */
export class WireFailure extends Error {
  override readonly name = 'WireFailure';

  constructor(cause: unknown) {
    super(messageOf(cause), { cause });
  }
}

/** An answer that began and broke off. */
export class BrokenAnswer extends Error {
  readonly code: string;

  constructor(status: number, bytes: number, cause: unknown) {
    super(`the answer began with status ${status} and broke off after ${bytes} bytes of body`, { cause });
    this.code = isErrno(cause) && cause.code !== undefined && !isHangUp(cause) ? cause.code : 'closed';
  }
}

/** The failure of an exchange, as far as the client can know it. */
export function describeFailure(error: unknown, trail: Trail, expired: boolean, timeout: Duration): Failure {
  const layer = trail.stage === 'tls-unconfirmed' ? 'tls' : trail.stage;
  if (expired) {
    const waitedFor = { connect: 'no connection', tls: 'no TLS handshake', 'tls-unconfirmed': 'no answer', http: 'no answer' }[trail.stage];
    return {
      layer: trail.stage === 'tls-unconfirmed' ? 'http' : layer,
      code: 'timeout',
      message: `${waitedFor} within ${formatDuration(timeout)}`,
    };
  }
  const failure = trail.ended ?? error;
  const message = oneLine(messageOf(failure));
  const alert = alertOf(message);
  if (alert !== undefined) return { layer: 'tls', code: alert, message: `the server sent the TLS alert ${alert}` };
  const code = codeOf(failure);
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO') return { layer: 'tls', code, message };
  if (trail.stage === 'tls-unconfirmed') {
    return { layer, code, message: `${message}, in the place of the first answer: the server had not confirmed the TLS 1.3 handshake` };
  }
  return { layer, code, message };
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  const stream = /NGHTTP2_(\w+)/.exec(messageOf(error))?.[1];
  if (stream !== undefined) return stream;
  if (!isErrno(error) || error.code === undefined) return 'closed';
  return isHangUp(error) ? 'closed' : error.code;
}

/** Node reports an orderly end by the peer as ECONNRESET as well; only a reset by the network names the system call. */
function isHangUp(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ECONNRESET' && error.syscall === undefined;
}

function oneLine(message: string): string {
  return message.replaceAll(/\s+/g, ' ').trim();
}

function alertOf(message: string): string | undefined {
  const number = /SSL alert number (\d+)/.exec(message)?.[1];
  return number === undefined ? undefined : (alerts[number] ?? `alert ${number}`);
}

/** @see RFC 8446 section 6, RFC 7301 section 3.2, RFC 6066 section 9 */
const alerts: Readonly<Record<string, string>> = {
  10: 'unexpected_message',
  20: 'bad_record_mac',
  22: 'record_overflow',
  40: 'handshake_failure',
  42: 'bad_certificate',
  43: 'unsupported_certificate',
  44: 'certificate_revoked',
  45: 'certificate_expired',
  46: 'certificate_unknown',
  47: 'illegal_parameter',
  48: 'unknown_ca',
  49: 'access_denied',
  50: 'decode_error',
  51: 'decrypt_error',
  70: 'protocol_version',
  71: 'insufficient_security',
  80: 'internal_error',
  86: 'inappropriate_fallback',
  90: 'user_canceled',
  109: 'missing_extension',
  110: 'unsupported_extension',
  112: 'unrecognized_name',
  113: 'bad_certificate_status_response',
  114: 'bad_certificate_hash_value',
  115: 'unknown_psk_identity',
  116: 'certificate_required',
  120: 'no_application_protocol',
};
