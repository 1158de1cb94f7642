// SPDX-License-Identifier: Apache-2.0
import type { Exchange } from '../../probe/exchange.ts';
import type { Resource } from '../../kube/kube.ts';

/** Stands in reports where a secret was. */
export const redacted = '<redacted>';

/** Values kept of what went by in traffic: an attack may bring a new cookie with every answer, and the last ones are those that a report shows. */
const keptFromTraffic = 1000;

/** Shorter values are no secrets worth the name, and replacing them would garble everything. */
const minimumLength = 6;

const sensitiveHeader = /authorization|cookie|api-?key|token|secret|password/i;

/** Whether the value of a header is a secret by the header's name. */
export const isSensitiveHeader = (name: string): boolean => sensitiveHeader.test(name);

/**
 * Learns the secrets of one execution as they come by, in Secrets that are applied and in headers that are sent, and takes them out of
 * every text that goes into a report: objects, logs and configuration dumps alike.
 */
export class Redactor {
  readonly #values = new Set<string>();
  readonly #fromTraffic = new Set<string>();

  /** Learns a value, its lines, and how they look in base64 and within JSON. */
  learn(value: string): void {
    for (const form of formsOf(value)) this.#values.add(form);
  }

  /** Learns what a Secret holds; certificates are public and stay. Other kinds hold no secrets. */
  learnResource(resource: Resource): void {
    if (resource.kind !== 'Secret') return;
    for (const value of secretValues(resource)) {
      if (!isCertificate(value)) this.learn(value);
    }
  }

  /** Learns the credentials that a request or its answer carries. */
  learnExchange(exchange: Exchange): void {
    const fields = [...Object.entries(exchange.request.headers ?? {}), ...Object.entries(exchange.response?.headers ?? {})];
    for (const [name, value] of fields) {
      if (!isSensitiveHeader(name)) continue;
      for (const one of typeof value === 'string' ? [value] : value) {
        this.#learnFromTraffic(one);
        this.#learnFromTraffic(one.replace(/^(Bearer|Basic)\s+/i, ''));
      }
    }
    if (exchange.request.tls?.key !== undefined) this.#learnFromTraffic(exchange.request.tls.key);
  }

  /** The text without any of the secrets. */
  redact(text: string): string {
    let clean = text;
    for (const value of [...this.#values, ...this.#fromTraffic].sort((a, b) => b.length - a.length))
      clean = clean.replaceAll(value, redacted);
    return clean;
  }

  #learnFromTraffic(value: string): void {
    for (const form of formsOf(value)) {
      // Taken out and put in again, so that what was just seen is the last to be forgotten.
      this.#fromTraffic.delete(form);
      this.#fromTraffic.add(form);
    }
    for (const oldest of this.#fromTraffic) {
      if (this.#fromTraffic.size <= keptFromTraffic) break;
      this.#fromTraffic.delete(oldest);
    }
  }
}

/** How a secret may show: whole or by its lines, plain, in base64, or within JSON. */
function formsOf(value: string): readonly string[] {
  const parts = [...new Set([value, ...value.split(/\r?\n/)])].map((part) => part.trim());
  const secrets = parts.filter((part) => part.length >= minimumLength && !part.startsWith('-----'));
  const encoded = [value, ...secrets].filter((part) => part.length >= minimumLength).map((part) => Buffer.from(part).toString('base64'));
  return [...secrets, ...encoded, ...secrets.map((part) => JSON.stringify(part).slice(1, -1))];
}

/** Headers with the values of sensitive ones taken out. */
export function redactHeaders(headers: Readonly<Record<string, string | readonly string[]>>): Record<string, string | readonly string[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, isSensitiveHeader(name) ? redacted : value]));
}

/** An object as it may be shown: without the values of a Secret, and without the bookkeeping of server-side apply. */
export function presentable(resource: Resource): Resource {
  const metadata = Object.fromEntries(Object.entries(resource.metadata).filter(([field]) => field !== 'managedFields'));
  const shown: Record<string, unknown> = { ...resource, metadata };
  if (resource.kind === 'Secret') {
    for (const field of ['data', 'stringData']) {
      if (shown[field] !== undefined) shown[field] = Object.fromEntries(Object.keys(entries(shown[field])).map((key) => [key, redacted]));
    }
  }
  return shown as Resource;
}

function secretValues(secret: Resource): readonly string[] {
  const plain = Object.values(entries(secret['stringData']));
  const encoded = Object.values(entries(secret['data'])).map((value) => Buffer.from(value, 'base64').toString());
  return [...plain, ...encoded];
}

function entries(value: unknown): Readonly<Record<string, string>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, string>) : {};
}

const isCertificate = (value: string): boolean => value.includes('-----BEGIN CERTIFICATE-----') && !value.includes('PRIVATE KEY-----');
