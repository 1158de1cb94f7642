// SPDX-License-Identifier: Apache-2.0
import { isIP } from 'node:net';
import type { CurlFiles } from './curl.ts';
import type { Exchange, ProbeRequest, ProbeTls } from './exchange.ts';
import { shellQuote } from './shell-quote.ts';
import { tcpLines } from './tcp.ts';
import { cipherList, hostName } from './tls.ts';

/** The command that says over bare TCP what the probe said: through curl without TLS, through OpenSSL with it. */
export function tcpCommand({ endpoint, request, id }: Pick<Exchange, 'id' | 'endpoint' | 'request'>, files: CurlFiles): string {
  const address = `${isIP(endpoint.address) === 6 ? `[${endpoint.address}]` : endpoint.address}:${endpoint.port}`;
  const client =
    request.tls === undefined
      ? ['curl', '-sS', '--max-time', '3', `telnet://${address}`]
      : openSslWords(request, request.tls, address, files);
  // The end of what is said would end the connection before the answer.
  return `(printf %s ${shellQuote(tcpLines(id, request.tcp ?? ''))}; sleep 1) | ${client.map(shellQuote).join(' ')}`;
}

function openSslWords({ host }: ProbeRequest, tls: ProbeTls, address: string, files: CurlFiles): string[] {
  const name = tls.serverName ?? hostName(host);
  return [
    ...['openssl', 's_client', '-quiet', '-no_ign_eof', '-connect', address],
    ...(name === '' ? ['-noservername'] : ['-servername', name]),
    ...(tls.ca === undefined ? [] : ['-CAfile', files.ca ?? 'ca.pem', '-verify_return_error']),
    ...(tls.ca === undefined || name === '' ? [] : ['-verify_hostname', name]),
    ...option('-min_protocol', tls.minVersion),
    ...option('-max_protocol', tls.maxVersion),
    ...option('-cipher', cipherList(tls)),
    ...option('-curves', tls.curves?.join(':')),
    ...option('-alpn', tls.alpn?.join(',')),
    ...option('-cert', tls.certificate && (files.certificate ?? 'client.pem')),
    ...option('-key', tls.key && (files.key ?? 'client-key.pem')),
  ];
}

function option(name: string, value: string | undefined): string[] {
  return value === undefined || value === '' ? [] : [name, value];
}
