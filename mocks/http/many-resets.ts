// SPDX-License-Identifier: Apache-2.0
import type { ServerOptions } from 'node:http2';

/**
 * Options of an HTTP/2 server that lets its clients reset as many streams as they like. By default 1,000 and 33 more a second are enough for Node to send
 * everyone on the connection away, against a flood known as Rapid Reset; Envoy resets the stream of each request that an external processor is done with,
 * and a gateway under load would be charged with the refusals.
 */
export const manyResets = { streamResetBurst: 1e9, streamResetRate: 1e9 } satisfies ServerOptions;
