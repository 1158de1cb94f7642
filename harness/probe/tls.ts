// SPDX-License-Identifier: Apache-2.0
import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import type { CertificateFacts, NegotiatedTls, ProbeEndpoint, ProbeRequest, ProbeTls } from './exchange.ts';

/**
 * The client's TLS settings; offers the protocol by ALPN unless the request says what to offer. Without an own name to ask for, no SNI is sent,
 * as RFC 6066 wants it for addresses.
 */
export function tlsOptions(
  call: { readonly endpoint: ProbeEndpoint; readonly request: ProbeRequest },
  protocol: 'http/1.1' | 'h2' | undefined,
): ConnectionOptions {
  const tls = call.request.tls ?? {};
  const { ca, certificate, key, serverName, minVersion, maxVersion, curves } = tls;
  const ciphers = cipherList(tls);
  return {
    servername: serverName ?? hostName(call.request.host),
    rejectUnauthorized: ca !== undefined,
    ALPNProtocols: [...(tls.alpn ?? (protocol === undefined ? [] : [protocol]))],
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key }),
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
    ...(ciphers === undefined ? {} : { ciphers }),
    ...(curves === undefined ? {} : { ecdhCurve: curves.join(':') }),
  };
}

/** The cipher suites in OpenSSL's notation, undefined for its own choice. It speaks the old versions only at the lowest of its security levels. */
export function cipherList({ ciphers, minVersion, maxVersion }: ProbeTls): string | undefined {
  const isOld = [minVersion, maxVersion].some((version) => version === 'TLSv1' || version === 'TLSv1.1');
  if (isOld) return [...(ciphers ?? ['DEFAULT']), '@SECLEVEL=0'].join(':');
  return ciphers?.join(':');
}

/** The name in a Host header, without its port; empty for an address or none. */
export function hostName(host: string | undefined): string {
  const name = (host ?? '').replace(/:\d*$/, '');
  return isIP(name.replaceAll(/[[\]]/g, '')) === 0 ? name : '';
}

/** What both sides of a connection have agreed on. */
export function negotiatedTls(socket: TLSSocket): NegotiatedTls {
  const certificate = socket.getPeerX509Certificate();
  const exchange = socket.getEphemeralKeyInfo();
  const curve = exchange !== null && 'name' in exchange ? exchange.name : undefined;
  return {
    protocol: socket.getProtocol() ?? '',
    cipher: socket.getCipher().standardName,
    ...(typeof socket.alpnProtocol === 'string' ? { alpn: socket.alpnProtocol } : {}),
    ...(curve === undefined || curve === '' ? {} : { curve }),
    ...(certificate === undefined ? {} : { server: certificateFacts(certificate) }),
  };
}

/** What of a certificate tells whose it is. */
export function certificateFacts(certificate: X509Certificate): CertificateFacts {
  return {
    subject: certificate.subject.split('\n').join(', '),
    sans: certificate.subjectAltName?.split(', ') ?? [],
    sha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
  };
}
