// SPDX-License-Identifier: Apache-2.0
import type { Exchange } from '../../probe/exchange.ts';
import type { Resource } from '../../kube/kube.ts';

/** Stands in reports where a secret was. */
export const redacted = '<redacted>';

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

  /** Learns a value, its lines, and how they look in base64 and within JSON. */
  learn(value: string): void {
    for (const part of new Set([value, ...value.split(/\r?\n/)])) {
      const trimmed = part.trim();
      if (trimmed.length < minimumLength || trimmed.startsWith('-----')) continue;
      this.#values.add(trimmed);
      this.#values.add(Buffer.from(trimmed).toString('base64'));
      this.#values.add(JSON.stringify(trimmed).slice(1, -1));
    }
    if (value.length >= minimumLength) this.#values.add(Buffer.from(value).toString('base64'));
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
        this.learn(one);
        this.learn(one.replace(/^(Bearer|Basic)\s+/i, ''));
      }
    }
    if (exchange.request.tls?.key !== undefined) this.learn(exchange.request.tls.key);
  }

  /** The text without any of the secrets. */
  redact(text: string): string {
    let clean = text;
    for (const value of [...this.#values].sort((a, b) => b.length - a.length)) clean = clean.replaceAll(value, redacted);
    return clean;
  }
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
