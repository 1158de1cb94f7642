// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { faultSchema } from '../instance/fault.ts';

/** Port of the control API in the peers' pod. */
export const controlPort = 9400;

/** `POST /instances`: a peer with a port, a behaviour and a record of its own. */
export const createInstanceSchema = z.strictObject({
  /** A kind of `mocks/kinds.ts`. */
  kind: z.string(),
  /** For answers and messages: `echo-a`. */
  name: z.string().min(1).max(253),
  /** As the kind defines it; its defaults if absent. */
  behaviour: z.unknown().optional(),
});

/** `PUT /instances/<id>/fault`. */
export const setFaultSchema = z.strictObject({ fault: faultSchema });

/** What `GET /instances/<id>` says, and `POST /instances` of the instance that it made. */
export const instanceViewSchema = z.strictObject({
  id: z.string(),
  kind: z.string(),
  name: z.string(),
  port: z.int(),
  fault: faultSchema,
  /** Connections accepted so far, those that met a fault included. */
  connections: z.int(),
});

/** What `GET /instances/<id>/arrivals?id=<request id>` says; every arrival without the query. */
export const arrivalsViewSchema = z.strictObject({
  arrivals: z.array(
    z.strictObject({
      id: z.string(),
      method: z.string(),
      path: z.string(),
      host: z.string(),
      headers: z.record(z.string(), z.array(z.string())),
      at: z.number(),
      tls: z.record(z.string(), z.string()).exactOptional(),
    }),
  ),
  /** Arrivals of this instance that were forgotten for want of room. */
  dropped: z.int(),
});

/** What every refusal says. */
export const refusalSchema = z.strictObject({ error: z.string() });

/** See {@link createInstanceSchema}. */
export type CreateInstance = z.input<typeof createInstanceSchema>;
/** See {@link instanceViewSchema}. */
export type InstanceView = z.infer<typeof instanceViewSchema>;
