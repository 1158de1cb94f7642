// SPDX-License-Identifier: Apache-2.0
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { z } from 'zod';
import { messageOf } from '../../harness/errors.ts';

const version = z.enum(['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']);
const pemText = z.string().regex(/-----BEGIN [A-Z0-9 ]+-----/, 'not a PEM text');

/**
 * How an instance serves TLS. A certificate that is wrong (another name, expired, of an unknown authority) is a certificate like any other:
 * whoever asks for it issues it so.
 */
export const tlsSettingsSchema = z
  .strictObject({
    /** PEM: the leaf first, then what stands between it and its authority. */
    certificate: pemText,
    /** PEM. */
    key: pemText,
    /** Whether clients are asked for a certificate. They are not if absent. */
    clients: z
      .strictObject({
        /** `require` refuses a client without a certificate, or with one that no authority in `ca` vouches for; `ask` only records it. */
        mode: z.enum(['ask', 'require']).default('require'),
        /** PEM: the authorities of clients. */
        ca: pemText.exactOptional(),
      })
      .exactOptional(),
    /** Offered in this order, the client's own first choice among them does not count; none: ALPN is left alone. `h2`, `http/1.1` by default. */
    alpn: z.array(z.string().min(1).max(255)).max(16).default(['h2', 'http/1.1']),
    minVersion: version.default('TLSv1.2'),
    maxVersion: version.default('TLSv1.3'),
    /** In OpenSSL's notation: `ECDHE-ECDSA-AES128-GCM-SHA256`; Node's by default. */
    ciphers: z.string().min(1).exactOptional(),
  })
  .superRefine((settings, context) => {
    try {
      createSecureContext(secureOptions(settings));
    } catch (error) {
      context.addIssue({ code: 'custom', message: `these do not make a TLS server: ${messageOf(error)}` });
    }
  });

/** How an instance serves TLS, defaults filled in. */
export type TlsSettings = z.infer<typeof tlsSettingsSchema>;
/** How an instance is asked to serve TLS: all but certificate and key may be left out. */
export type TlsProgram = z.input<typeof tlsSettingsSchema>;

/** What OpenSSL is told. */
export function secureOptions({ certificate, key, clients, minVersion, maxVersion, ciphers }: TlsSettings): SecureContextOptions {
  const isOld = minVersion === 'TLSv1' || minVersion === 'TLSv1.1';
  // OpenSSL speaks the old versions only at the lowest of its security levels.
  const suites = isOld ? `${ciphers ?? 'DEFAULT'}:@SECLEVEL=0` : ciphers;
  return {
    cert: certificate,
    key,
    minVersion,
    maxVersion,
    ...(clients?.ca === undefined ? {} : { ca: clients.ca }),
    ...(suites === undefined ? {} : { ciphers: suites }),
  };
}
