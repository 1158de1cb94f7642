// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { headerNameSchema, headerValueSchema } from '../http/headers.ts';

/** A JSON Web Key; whatever else it says is served as it is. */
const keySchema = z.looseObject({ kty: z.string() });

/** How a key server behaves. */
export const jwksBehaviourSchema = z.strictObject({
  /** The key set at each path (RFC 7517 5); other paths are 404. One empty set, at `/jwks.json`, by default. */
  sets: z.record(z.string().startsWith('/'), z.array(keySchema)).default({ '/jwks.json': [] }),
  /** In place of every key set. */
  body: z
    .string()
    .max(1024 * 1024)
    .exactOptional(),
  /** 200 by default. */
  status: z.int().min(200).max(599).default(200),
  /** Added to the answer. */
  headers: z.record(headerNameSchema, headerValueSchema).default({}),
  /** Between the question and the answer; none by default. */
  delayMs: z.int().min(0).max(3_600_000).default(0),
});

/** How a key server behaves, defaults filled in. */
export type JwksBehaviour = z.infer<typeof jwksBehaviourSchema>;

/** How a key server is programmed: everything may be left out. */
export type JwksProgram = Omit<z.input<typeof jwksBehaviourSchema>, 'sets'> & {
  readonly sets?: Readonly<Record<string, readonly object[]>>;
};
