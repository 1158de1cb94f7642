// SPDX-License-Identifier: Apache-2.0
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createSecureServer, createServer as createHttp2Server, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import * as x509 from '@peculiar/x509';
import type { ProbeEndpoint } from './exchange.ts';

/** PEM texts. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority for one test file, with a server's and a client's certificate. */
export interface TestAuthority {
  readonly ca: string;
  readonly server: Identity;
  readonly client: Identity;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** Makes an authority whose server is called `a.test`. */
export async function createAuthority(name: string): Promise<TestAuthority> {
  const caKeys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const validity = { notBefore: new Date(Date.now() - 3_600_000), notAfter: new Date(Date.now() + 3_600_000), signingAlgorithm: algorithm };
  const ca = await x509.X509CertificateGenerator.createSelfSigned(
    { name: `CN=${name}`, keys: caKeys, ...validity, extensions: [new x509.BasicConstraintsExtension(true, undefined, true)] },
    webcrypto,
  );
  const issue = async (subject: string, extensions: x509.Extension[]): Promise<Identity> => {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.create(
      { subject: `CN=${subject}`, issuer: ca.subject, publicKey: keys.publicKey, signingKey: caKeys.privateKey, ...validity, extensions },
      webcrypto,
    );
    const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
    return { certificate: certificate.toString('pem'), key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n` };
  };
  return {
    ca: ca.toString('pem'),
    server: await issue('a.test', [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'a.test' }])]),
    client: await issue('client', []),
  };
}

/** A server of a test, closed with all its connections. */
export interface TestServer extends AsyncDisposable {
  readonly endpoint: ProbeEndpoint;
  /** How many connections it has accepted. */
  readonly connections: () => number;
}

async function listen(server: Server): Promise<TestServer> {
  const open = new Set<Socket>();
  let accepted = 0;
  server.on('connection', (socket: Socket) => {
    accepted += 1;
    open.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: { address: '127.0.0.1', port: (server.address() as AddressInfo).port },
    connections: () => accepted,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const tcpServer = (onConnection: (socket: Socket) => void): Promise<TestServer> => listen(createTcpServer(onConnection));
export const httpServer = (listener: RequestListener): Promise<TestServer> => listen(createHttpServer(listener));

/** HTTP/1.1 over TLS. */
export const httpsServer = (options: TlsOptions, listener: RequestListener): Promise<TestServer> =>
  listen(createHttpsServer({ ...options, ALPNProtocols: ['http/1.1'] }, listener));

type Http2Listener = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

/** Both over TLS, by ALPN. */
export const bothServer = (options: TlsOptions, listener: Http2Listener): Promise<TestServer> =>
  listen(createSecureServer({ ...options, allowHTTP1: true }, listener));

/** HTTP/2 over TLS, and without. */
export const h2Server = (options: TlsOptions, listener: Http2Listener): Promise<TestServer> =>
  listen(createSecureServer({ ...options, allowHTTP1: false }, listener));
export const h2cServer = (listener: Http2Listener): Promise<TestServer> => listen(createHttp2Server(listener));
