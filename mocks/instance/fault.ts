// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

/**
 * How a peer misbehaves on the wire, whatever it speaks:
 *
 * - `none`: it does not.
 * - `refuse`: nothing listens; a connection is refused by the kernel.
 * - `reset`: accepts, reads the first bytes of a request, then sends a TCP reset.
 * - `hang`: accepts and reads, never answers.
 * - `half-close`: accepts, reads the first bytes, then closes its sending side without having answered.
 * - `malformed`: answers the first bytes with something that is neither HTTP/1.1 nor HTTP/2, then closes.
 * - `slow`: answers correctly, but only so many bytes a second.
 * - `status`: answers every request over HTTP/1.1 or HTTP/2 with this status and nothing else; on a gRPC peer, an answer without a `grpc-status`.
 */
export const faultSchema = z.union([
  z.enum(['none', 'refuse', 'reset', 'hang', 'half-close', 'malformed']),
  z.strictObject({ slow: z.strictObject({ bytesPerSecond: z.int().min(1).max(1_000_000) }) }),
  z.strictObject({ status: z.int().min(500).max(599) }),
]);

/** See {@link faultSchema}. */
export type Fault = z.infer<typeof faultSchema>;
