// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import type { Arrival } from '../../harness/probe/exchange.ts';
import { headerNameSchema, headerValueSchema } from '../http/headers.ts';

/** A request may say how it wants to be answered, by this header, if the instance allows it: JSON of an {@link EchoAnswer}. */
export const answerHeader = 'x-gauntlet-answer';

const answerSchema = z.strictObject({
  /** 200 by default. */
  status: z.int().min(200).max(599).default(200),
  /** Added to the answer. */
  headers: z.record(headerNameSchema, z.union([headerValueSchema, z.array(headerValueSchema)])).default({}),
  /** In place of the description of the request. */
  body: z
    .string()
    .max(1024 * 1024)
    .exactOptional(),
  /** Between the end of the request and the answer; none by default. */
  delayMs: z.int().min(0).max(3_600_000).default(0),
});

/** How an echo behaves. */
export const echoBehaviourSchema = answerSchema.extend({
  /** Answers to the first arrivals of each request id, in order, whatever else would be answered: a backend that fails before it succeeds. */
  first: z.array(answerSchema).max(20).default([]),
  /** Whether {@link answerHeader} is obeyed. `false` by default, so that no client programs a backend by accident. */
  answerPerRequest: z.boolean().default(false),
});

/** One programmed answer. */
export type EchoAnswer = z.infer<typeof answerSchema>;
/** How an echo behaves, defaults filled in. */
export type EchoBehaviour = z.infer<typeof echoBehaviourSchema>;
/** How an echo is programmed: everything may be left out. */
export type EchoProgram = z.input<typeof echoBehaviourSchema>;

/** What an echo says of a request. */
export interface EchoDescription extends Omit<Arrival, 'at'> {
  /** Name of the echo that answered. */
  readonly peer: string;
  readonly protocol: 'HTTP/1.0' | 'HTTP/1.1' | 'HTTP/2.0';
  /** Names of the header fields as they were written, in order. */
  readonly writtenNames: readonly string[];
  /** The body as it arrived; at most 64 KiB of it. */
  readonly body: string;
}

/**
 * How one request is answered.
 *
 * @param seen - how many requests of its id came before it
 * @throws ZodError, SyntaxError if the request asks for an answer that cannot be given.
 */
export function answerFor(behaviour: EchoBehaviour, headers: Arrival['headers'], seen: number): EchoAnswer {
  const early = behaviour.first[seen];
  if (early !== undefined) return early;
  const asked = behaviour.answerPerRequest ? headers[answerHeader]?.[0] : undefined;
  return asked === undefined ? behaviour : answerSchema.parse(JSON.parse(asked));
}
