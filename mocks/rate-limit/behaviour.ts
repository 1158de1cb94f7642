// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { headerNameSchema, headerValueSchema } from '../http/headers.ts';

const headersSchema = z.record(headerNameSchema, headerValueSchema);

const limitSchema = z.strictObject({
  /** Only for questions about this domain; all of them if absent. */
  domain: z.string().min(1).exactOptional(),
  /** The entries that a descriptor must have, all of them and in this order; one without a value stands for any, and each value is counted apart. */
  entries: z.array(z.strictObject({ key: z.string().min(1), value: z.string().exactOptional() })).min(1),
  /** Requests that pass; none pass with 0. */
  requests: z.int().min(0).max(1_000_000),
  /** What the answer says that `requests` are counted by. */
  unit: z.enum(['SECOND', 'MINUTE', 'HOUR', 'DAY']).default('DAY'),
});

/** How a rate limit server decides. */
export const rateLimitBehaviourSchema = z.strictObject({
  /** Answers alike for every question, whatever `limits` say. */
  always: z.enum(['ok', 'over-limit']).exactOptional(),
  /** What is limited; a descriptor that none of them is about is not. Counting starts anew with every programming, and no window ends. */
  limits: z.array(limitSchema).default([]),
  /** Added to every answer for the client, and to every request that passes for the backend; none by default. */
  responseHeaders: headersSchema.default({}),
  requestHeaders: headersSchema.default({}),
  /** Between the question and the answer; none by default. */
  delayMs: z.int().min(0).max(3_600_000).default(0),
});

/** What is limited, and to how much. */
export type RateLimit = z.infer<typeof limitSchema>;
/** How a rate limit server decides, defaults filled in. */
export type RateLimitBehaviour = z.infer<typeof rateLimitBehaviourSchema>;
/** How a rate limit server is programmed: everything may be left out. */
export type RateLimitProgram = z.input<typeof rateLimitBehaviourSchema>;
