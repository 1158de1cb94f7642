// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

/** Name of a header field (RFC 9110 5.1), any case. */
export const headerNameSchema = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/, 'not a header name');
/** Value of a header field: visible ASCII, spaces and tabs, and opaque bytes above; no line breaks (RFC 9110 5.5). */
export const headerValueSchema = z.string().regex(/^[\t\u0020-\u007e\u0080-\u00ff]{0,16384}$/, 'not a header value');

/** Header fields by lower-case name, repeated values in order as received. Takes Node's `rawHeaders`; pseudo-headers of HTTP/2 are left out. */
export function collectHeaders(rawHeaders: readonly string[]): Record<string, string[]> {
  const headers: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    if (name.startsWith(':')) continue;
    (headers[name] ??= []).push(rawHeaders[index + 1] ?? '');
  }
  return headers;
}
