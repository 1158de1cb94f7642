// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { faultSchema } from '../instance/fault.ts';
import { tlsSettingsSchema } from '../instance/tls-settings.ts';

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

/** `PUT /instances/<id>/tls`: how it serves TLS from now on; `null`: not at all. */
export const setTlsSchema = z.strictObject({ tls: tlsSettingsSchema.nullable() });

/** What `GET /instances/<id>` says, and `POST /instances` of the instance that it made. */
export const instanceViewSchema = z.strictObject({
  id: z.string(),
  kind: z.string(),
  name: z.string(),
  port: z.int(),
  fault: faultSchema,
  /** Connections accepted so far, those that met a fault included. */
  connections: z.int(),
  /** What came of TLS handshakes, if it serves TLS. */
  handshakes: z.strictObject({ completed: z.int(), failed: z.int(), failures: z.array(z.string()) }).exactOptional(),
});

const arrivalTlsSchema = z.strictObject({
  protocol: z.string(),
  cipher: z.string(),
  sni: z.string().exactOptional(),
  alpn: z.string().exactOptional(),
  client: z.strictObject({ subject: z.string(), sans: z.array(z.string()), sha256: z.string(), trusted: z.boolean() }).exactOptional(),
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
      body: z.string().exactOptional(),
      context: z.record(z.string(), z.string()).exactOptional(),
      descriptors: z.array(z.array(z.strictObject({ key: z.string(), value: z.string() }))).exactOptional(),
      at: z.number(),
      tls: arrivalTlsSchema.exactOptional(),
    }),
  ),
  /** Arrivals of this instance that were forgotten for want of room. */
  dropped: z.int(),
});

/** What `GET /instances/<id>/ids` says: the ids of all requests that arrived, for those who count many. */
export const idsViewSchema = z.strictObject({ ids: z.array(z.string()), dropped: z.int() });

/** What every refusal says. */
export const refusalSchema = z.strictObject({ error: z.string() });

/** See {@link createInstanceSchema}. */
export type CreateInstance = z.input<typeof createInstanceSchema>;
/** See {@link instanceViewSchema}. */
export type InstanceView = z.infer<typeof instanceViewSchema>;
