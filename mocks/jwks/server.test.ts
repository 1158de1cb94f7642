// SPDX-License-Identifier: Apache-2.0
import { createLocalJWKSet, createRemoteJWKSet, jwtVerify, type JSONWebKeySet, type RemoteJWKSetOptions } from 'jose';
import { Agent, request } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { certificateAuthority } from '../../fixtures/certificates/authority.ts';
import { tokenIssuer, type TokenIssuer } from '../../fixtures/tokens/issuer.ts';
import { Instance } from '../instance/instance.ts';
import { tlsSettingsSchema } from '../instance/tls-settings.ts';
import type { JwksProgram } from './behaviour.ts';
import { jwksKind } from './server.ts';

/* The client is jose: what it verifies a token with is a key set. */

let server: Instance;
let issuer: TokenIssuer;
let token: string;

beforeEach(async () => {
  server = await Instance.open(jwksKind, {}, { name: 'jwks', address: '127.0.0.1', ports: () => 0 });
  issuer = await tokenIssuer('https://issuer.test', { algorithm: 'ES256' });
  token = await issuer.mint({ subject: 'alice', audience: 'app' });
});

afterEach(() => server[Symbol.asyncDispose]());

const program = (behaviour: JwksProgram): void => server.program(behaviour);

const keySet = (path = '/jwks.json', options: RemoteJWKSetOptions = {}) =>
  createRemoteJWKSet(new URL(`http://127.0.0.1:${server.port}${path}`), { cooldownDuration: 0, timeoutDuration: 500, ...options });

describe('the key set', () => {
  it('is empty by default', async () => {
    await expect(jwtVerify(token, keySet())).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
  });

  it('has the keys that it was given, at their path and nowhere else', async () => {
    program({ sets: { '/keys': [issuer.publicKey], '/others': [] } });
    await expect(jwtVerify(token, keySet('/keys?v=1'))).resolves.toMatchObject({ payload: { sub: 'alice' } });
    await expect(jwtVerify(token, keySet('/others'))).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
    await expect(jwtVerify(token, keySet('/jwks.json'))).rejects.toThrow(/200 OK/);
    expect(server.arrivals().map(({ path }) => path)).toEqual(['/keys?v=1', '/others', '/others', '/jwks.json']);
  });

  it('rotates: what was fetched for an old key does for a new one', async () => {
    const next = await tokenIssuer(issuer.issuer, { kid: 'next' });
    const keys = keySet();
    program({ sets: { '/jwks.json': [issuer.publicKey] } });
    await jwtVerify(token, keys);
    program({ sets: { '/jwks.json': [next.publicKey] } });
    await jwtVerify(await next.mint({ subject: 'alice', audience: 'app' }), keys);
    await expect(jwtVerify(token, keys)).rejects.toThrow();
  });

  it('is served over TLS', async () => {
    const authority = await certificateAuthority('servers');
    server.setTls(tlsSettingsSchema.parse(await authority.issue({ name: 'keys.test', usage: 'server' })));
    program({ sets: { '/jwks.json': [issuer.publicKey] } });
    const dispatcher = new Agent({ connect: { ca: authority.certificate, servername: 'keys.test' } });
    const { body } = await request(`https://127.0.0.1:${server.port}/jwks.json`, { dispatcher });
    const keys = createLocalJWKSet((await body.json()) as JSONWebKeySet);
    await expect(jwtVerify(token, keys)).resolves.toBeDefined();
    await dispatcher.destroy();
  });
});

describe('a server that is unwell', () => {
  it.each<[string, JwksProgram, RegExp]>([
    ['an error', { status: 500 }, /200 OK/],
    ['garbage', { body: '<html>' }, /JSON/],
    ['JSON that is no key set', { body: '{"keys":7}' }, /malformed/],
    ['nothing in time', { delayMs: 3_600_000 }, /timed out/],
  ])('gives %s', async (_what, behaviour, message) => {
    program({ sets: { '/jwks.json': [issuer.publicKey] }, ...behaviour });
    await expect(jwtVerify(token, keySet())).rejects.toThrow(message);
    expect(server.arrivals()).toHaveLength(1);
  });

  it('cannot be programmed to serve what is no key, or to have no such path', () => {
    expect(() => program({ sets: { '/jwks.json': [{}] } })).toThrow();
    expect(() => program({ sets: { 'jwks.json': [] } })).toThrow();
  });
});
