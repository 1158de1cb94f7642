// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

/**
 * What is wrong with a stream, at the frame in its middle:
 *
 * - `buffered`: all frames are written with the last one, as by a proxy that holds an answer until it has all of it.
 * - `dropped`: it is left out. - `reordered`: it comes before the one before it.
 * - `merged`: it shares an event with the one before it. - `split`: two events have a part of it each.
 */
export const streamFaults = ['none', 'buffered', 'dropped', 'reordered', 'merged', 'split'] as const;

/** See {@link streamFaults}. */
export type StreamFault = (typeof streamFaults)[number];

/** A request may say what is to be wrong with its stream, by this header, if the instance allows it. */
export const streamFaultHeader = 'x-gauntlet-stream-fault';

/** How a server of language models behaves. */
export const llmBehaviourSchema = z.strictObject({
  /** From the request to the first token, in milliseconds; none by default. */
  firstTokenMs: z.number().min(0).max(600_000).default(0),
  /** From each token to the next; none by default. */
  gapMs: z.number().min(0).max(600_000).default(0),
  /** Tokens of an answer, each a frame of a stream; see `harness/bench/streaming/frame.ts` for their text. */
  frames: z.int().min(1).max(100_000).default(8),
  /** Tokens of the prompt, as `usage` has them. */
  promptTokens: z.int().min(0).default(5),
  streamFault: z.enum(streamFaults).default('none'),
  /** Whether {@link streamFaultHeader} is obeyed. `false` by default, so that no client programs a peer by accident. */
  faultPerRequest: z.boolean().default(false),
});

/** How a server of language models behaves, defaults filled in. */
export type LlmBehaviour = z.infer<typeof llmBehaviourSchema>;
/** How it is programmed: everything may be left out. */
export type LlmProgram = z.input<typeof llmBehaviourSchema>;

/** What is wrong with the stream of one request. */
export function faultFor({ streamFault, faultPerRequest }: LlmBehaviour, headers: Headers): StreamFault {
  const asked = faultPerRequest ? headers.get(streamFaultHeader) : null;
  return asked === null ? streamFault : z.enum(streamFaults).parse(asked);
}
