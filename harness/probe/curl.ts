// SPDX-License-Identifier: Apache-2.0
import { isIP } from 'node:net';
import { idHeader } from './call.ts';
import type { Exchange, ProbeEndpoint, ProbeRequest, ProbeTls } from './exchange.ts';
import { shellQuote, shellQuoteBytes } from './shell-quote.ts';
import { tcpCommand } from './tcp-command.ts';
import { cipherList, hostName } from './tls.ts';

/** Files that a command may read instead of carrying what is in them: TLS material, and header fields that are secrets. */
export interface CurlFiles {
  /** PEM files. */
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
  /** By lower-case header name: a file with the whole line, `Authorization: Bearer ...`, that stands for that field. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The curl command that sends an exchange's request again: same address, Host, SNI, header fields, protocol and body, under the same id so that the
 * peers recognise it. Where curl cannot follow it comes close: version 1 of the PROXY protocol with its own address,
 * and of a WebSocket only the upgrade.
 */
export function curlCommand(exchange: Pick<Exchange, 'id' | 'endpoint' | 'request'>, files: CurlFiles = {}): string {
  const { endpoint, request, id } = exchange;
  // curl speaks no bare TCP over TLS.
  if (request.tcp !== undefined) return tcpCommand(exchange, files);
  const words = [
    'curl',
    '-sSi',
    ...methodWords(request),
    ...protocolWords(request),
    ...(request.proxyProtocol === undefined ? [] : ['--haproxy-protocol']),
    ...tlsWords(request, files),
    ...addressWords(endpoint, request),
    ...['-H', `${idHeader}: ${id}`],
    ...fieldWords(request, files),
    ...(request.webSocket === undefined ? [] : upgradeWords),
    ...bodyWords(request),
    ...['--path-as-is', '--globoff'],
    urlOf(endpoint, request),
  ];
  return `${isBinary(request) ? `printf %s ${shellQuote(request.body ?? '')} | base64 -d | ` : ''}${words.map((word, index) => (words[index - 1] === '-H' ? shellQuoteBytes(word) : shellQuote(word))).join(' ')}`;
}

/** A body that is no text comes over a pipe. */
function bodyWords(request: ProbeRequest): string[] {
  if (request.body === undefined) return [];
  return isBinary(request) ? ['--data-binary', '@-'] : ['--data-raw', request.body];
}

const isBinary = ({ body, bodyEncoding }: ProbeRequest): boolean => body !== undefined && bodyEncoding === 'base64';

function methodWords({ method = 'GET', body }: ProbeRequest): string[] {
  if (method === 'HEAD') return ['--head'];
  return method === (body === undefined ? 'GET' : 'POST') ? [] : ['-X', method];
}

/** Asks for a WebSocket, with the key of RFC 6455 section 1.3. */
const upgradeWords = [
  ...['-H', 'Connection: Upgrade', '-H', 'Upgrade: websocket'],
  ...['-H', 'Sec-WebSocket-Version: 13', '-H', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='],
];

function protocolWords({ protocol = 'http/1.1', tls, host }: ProbeRequest): string[] {
  if (protocol === 'http/1.1') return ['--http1.1'];
  if (protocol === 'http/1.0') return ['--http1.0', ...(host === undefined ? ['-H', 'Host:'] : [])];
  return [tls === undefined ? '--http2-prior-knowledge' : '--http2'];
}

function tlsWords({ tls }: ProbeRequest, files: CurlFiles): string[] {
  if (tls === undefined) return [];
  return [
    ...(tls.ca === undefined ? ['--insecure'] : ['--cacert', files.ca ?? 'ca.pem']),
    ...versionWords(tls),
    ...cipherWords(tls),
    ...(tls.curves === undefined ? [] : ['--curves', tls.curves.join(':')]),
    ...(tls.alpn?.length === 0 ? ['--no-alpn'] : []),
    ...(tls.certificate === undefined ? [] : ['--cert', files.certificate ?? 'client.pem']),
    ...(tls.key === undefined ? [] : ['--key', files.key ?? 'client-key.pem']),
  ];
}

const versionNumbers = { TLSv1: '1.0', 'TLSv1.1': '1.1', 'TLSv1.2': '1.2', 'TLSv1.3': '1.3' } as const;

function versionWords({ minVersion, maxVersion }: ProbeTls): string[] {
  return [
    ...(minVersion === undefined ? [] : [`--tlsv${versionNumbers[minVersion]}`]),
    ...(maxVersion === undefined ? [] : ['--tls-max', versionNumbers[maxVersion]]),
  ];
}

/** Suites of TLS 1.3 have an option of their own. */
function cipherWords(tls: ProbeTls): string[] {
  const suites = cipherList(tls)?.split(':') ?? [];
  const isNew = (suite: string): boolean => suite.startsWith('TLS_');
  const [latest, older] = [suites.filter(isNew), suites.filter((suite) => !isNew(suite))];
  return [
    ...(older.length === 0 ? [] : ['--ciphers', older.join(':')]),
    ...(latest.length === 0 ? [] : ['--tls13-ciphers', latest.join(':')]),
  ];
}

/** The name that the URL carries, for it decides Host and SNI; undefined when the URL must carry the address itself. */
function urlName({ host, tls }: ProbeRequest): string | undefined {
  const name = tls?.serverName ?? host;
  return name === undefined || !/^[A-Za-z0-9.-]+(:\d+)?$/.test(name) || hostName(name) === '' ? undefined : name;
}

function addressWords(endpoint: ProbeEndpoint, request: ProbeRequest): string[] {
  const name = urlName(request);
  const hostField = request.host !== undefined && request.host !== name ? ['-H', `Host: ${request.host}`] : [];
  if (name === undefined) return hostField;
  const [host = '', port = request.tls === undefined ? '80' : '443'] = name.split(':');
  return ['--connect-to', `${host}:${port}:${bracketed(endpoint.address)}:${endpoint.port}`, ...hostField];
}

function fieldWords({ headers = {}, body }: ProbeRequest, files: CurlFiles): string[] {
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  const fields = Object.entries(headers).flatMap(([name, values]) => {
    const file = files.headers?.[name.toLowerCase()];
    if (file !== undefined) return ['-H', `@${file}`];
    // To curl, "Name:" removes a field; an empty one is written "Name;".
    return [values].flat().flatMap((value) => ['-H', value === '' ? `${name};` : `${name}: ${value}`]);
  });
  // curl would add a form's content type to any body.
  return body === undefined || names.includes('content-type') ? fields : [...fields, '-H', 'Content-Type:'];
}

function urlOf(endpoint: ProbeEndpoint, request: ProbeRequest): string {
  const scheme = request.tls === undefined ? 'http' : 'https';
  return `${scheme}://${urlName(request) ?? `${bracketed(endpoint.address)}:${endpoint.port}`}${request.path ?? '/'}`;
}

function bracketed(address: string): string {
  return isIP(address) === 6 ? `[${address}]` : address;
}
