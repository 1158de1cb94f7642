// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { headerNameSchema, headerValueSchema } from '../http/headers.ts';

/** The parts of an exchange that a gateway may ask about, in their order. */
export const stages = ['requestHeaders', 'requestBody', 'requestTrailers', 'responseHeaders', 'responseBody', 'responseTrailers'] as const;

/** One part of an exchange. */
export type Stage = (typeof stages)[number];

const headerChangesSchema = z.strictObject({
  /** Set in place of what is there. */
  set: z.record(headerNameSchema, headerValueSchema).default({}),
  remove: z.array(headerNameSchema).default([]),
});

const bodySchema = z.string().max(65_536);

/** How an external processor behaves: by default it leaves everything as it is. */
export const extProcBehaviourSchema = z.strictObject({
  requestHeaders: headerChangesSchema.default({ set: {}, remove: [] }),
  /** In place of the body; the gateway must be told to send bodies. */
  requestBody: bodySchema.exactOptional(),
  responseHeaders: headerChangesSchema.default({ set: {}, remove: [] }),
  responseBody: bodySchema.exactOptional(),
  /** Whether the gateway is to choose the route anew after the request's headers were changed. */
  clearRouteCache: z.boolean().default(false),
  /** Answers the client itself, in place of the backend or of what the backend said. */
  immediate: z
    .strictObject({
      at: z.enum(stages),
      status: z.int().min(200).max(599).default(403),
      headers: z.record(headerNameSchema, headerValueSchema).default({}),
      body: bodySchema.default(''),
      /** Lets an exchange go on whose request carries this header with exactly this value: the guard of a door. Everyone is answered if absent. */
      unless: z.strictObject({ header: headerNameSchema, equals: headerValueSchema }).exactOptional(),
    })
    .exactOptional(),
  /** Ends the stream in place of an answer, with this gRPC status. */
  failure: z.strictObject({ at: z.enum(stages), code: z.int().min(0).max(16) }).exactOptional(),
  /** Answers a part as if it were another, which breaks the protocol. */
  confuse: z.enum(stages).exactOptional(),
  /** Between each part and its answer; none by default. */
  delayMs: z.int().min(0).max(3_600_000).default(0),
});

/** How an external processor behaves, defaults filled in. */
export type ExtProcBehaviour = z.infer<typeof extProcBehaviourSchema>;
/** How an external processor is programmed: everything may be left out. */
export type ExtProcProgram = z.input<typeof extProcBehaviourSchema>;
