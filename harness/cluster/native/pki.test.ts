// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { kubeconfig } from './kubeconfig.ts';
import { generatePki, type ClusterPki } from './pki.ts';

const now = new Date('2026-05-06T07:08:09Z');
let pki: ClusterPki;

beforeAll(async () => {
  pki = await generatePki(now);
});

test('every certificate is signed by the authority, for a year', () => {
  const ca = new X509Certificate(pki.ca.certificate);
  expect(ca.ca).toBe(true);
  for (const { certificate } of [pki.server, ...Object.values(pki.clients)]) {
    const parsed = new X509Certificate(certificate);
    expect(parsed.verify(ca.publicKey)).toBe(true);
    expect(parsed.checkIssued(ca)).toBe(true);
    expect(parsed.ca).toBe(false);
    expect(new Date(parsed.validTo).getUTCFullYear()).toBe(2027);
  }
});

test('the server certificate holds every name and address that the API server is called by', () => {
  const server = new X509Certificate(pki.server.certificate);
  for (const name of ['kubernetes', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local', 'localhost'])
    expect(server.checkHost(name)).toBe(name);
  for (const ip of ['127.0.0.1', '198.19.0.1', '198.19.255.1']) expect(server.checkIP(ip)).toBe(ip);
});

test('components carry their conventional user names', () => {
  expect(new X509Certificate(pki.clients.kubelet.certificate).subject.split('\n')).toEqual(['O=system:masters', 'CN=system:node:gauntlet']);
});

test('a kubeconfig points at the API server with the keys inside', () => {
  const config = JSON.parse(kubeconfig(pki, pki.clients.admin, 'admin')) as {
    clusters: [{ cluster: { server: string } }];
    users: [{ user: Record<string, string> }];
  };
  expect(config.clusters[0].cluster.server).toBe('https://198.19.255.1:6443');
  expect(Buffer.from(config.users[0].user['client-certificate-data'] ?? '', 'base64').toString()).toBe(pki.clients.admin.certificate);
});
