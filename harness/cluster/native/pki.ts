// SPDX-License-Identifier: Apache-2.0
import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { addresses, clusterDomain, nodeName } from './addresses.ts';
import { clientUsers, pkiFiles, type Client } from './pki-files.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 86_400_000;

/** A certificate and its key, in PEM. */
export interface PemPair {
  readonly certificate: string;
  readonly key: string;
}

/** All keys of one cluster. */
export interface ClusterPki {
  readonly ca: PemPair;
  readonly server: PemPair;
  readonly clients: Readonly<Record<Client, PemPair>>;
  /** The key pair that signs service-account tokens. */
  readonly serviceAccounts: { readonly publicKey: string; readonly key: string };
}

/**
 * Makes all keys of a cluster anew. Every component is in `system:masters`: the cluster lives for one run and belongs to one owner, and
 * waiting for the API server to seed the roles of its components would delay each start. Roles of workloads are enforced as anywhere.
 */
export async function generatePki(now: Date): Promise<ClusterPki> {
  const ca = await authority(now);
  const clients = Object.entries(clientUsers).map(async ([client, user]) => [client, await issue(ca, now, user)] as const);
  const [server, serviceAccounts, pairs] = await Promise.all([
    issue(ca, now, nodeName, new x509.SubjectAlternativeNameExtension(serverNames)),
    newKeys(),
    Promise.all(clients),
  ]);
  return {
    ca: { certificate: ca.certificate.toString('pem'), key: await privatePem(ca.keys.privateKey) },
    server,
    clients: Object.fromEntries(pairs) as Record<Client, PemPair>,
    serviceAccounts: {
      publicKey: x509.PemConverter.encode(await crypto.subtle.exportKey('spki', serviceAccounts.publicKey), 'PUBLIC KEY'),
      key: await privatePem(serviceAccounts.privateKey),
    },
  };
}

/** Writes the shared files of a PKI into a folder; clients' keys go into their kubeconfigs. */
export async function writePki(pki: ClusterPki, folder: string): Promise<void> {
  const kubeletClient = pki.clients['kube-apiserver'];
  const files: Readonly<Record<string, string>> = {
    [pkiFiles.ca]: pki.ca.certificate,
    [pkiFiles.caKey]: pki.ca.key,
    [pkiFiles.server]: pki.server.certificate,
    [pkiFiles.serverKey]: pki.server.key,
    [pkiFiles.serviceAccounts]: pki.serviceAccounts.publicKey,
    [pkiFiles.serviceAccountsKey]: pki.serviceAccounts.key,
    [pkiFiles.kubeletClient]: kubeletClient.certificate,
    [pkiFiles.kubeletClientKey]: kubeletClient.key,
  };
  await Promise.all(Object.entries(files).map(([file, text]) => writeFile(join(folder, file), `${text}\n`, { mode: 0o600 })));
}

const serverNames: x509.JsonGeneralNames = [
  ...['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', `kubernetes.default.svc.${clusterDomain}`, nodeName, 'localhost'].map(
    (value) => ({ type: 'dns' as const, value }),
  ),
  ...['127.0.0.1', addresses.kubernetesService, addresses.node].map((value) => ({ type: 'ip' as const, value })),
];

interface Authority {
  readonly certificate: x509.X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

async function authority(now: Date): Promise<Authority> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=gauntlet-cluster-ca',
    keys,
    signingAlgorithm: algorithm,
    ...validity(now),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate, keys };
}

async function issue(ca: Authority, now: Date, user: string, names?: x509.SubjectAlternativeNameExtension): Promise<PemPair> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    subject: [{ O: ['system:masters'] }, { CN: [user] }],
    issuer: ca.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: ca.keys.privateKey,
    signingAlgorithm: algorithm,
    ...validity(now),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([names === undefined ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth]),
      await x509.AuthorityKeyIdentifierExtension.create(ca.keys.publicKey),
      ...(names === undefined ? [] : [names]),
    ],
  });
  return { certificate: certificate.toString('pem'), key: await privatePem(keys.privateKey) };
}

/** A year, and a day back for clocks that jump. */
function validity(now: Date): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now.getTime() - dayMs), notAfter: new Date(now.getTime() + 365 * dayMs) };
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}
