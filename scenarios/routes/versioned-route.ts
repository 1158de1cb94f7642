// SPDX-License-Identifier: Apache-2.0
import type { HttpRoute } from '../../fixtures/gateway-api/http-route.ts';
import { httpRoute, responseHeaders } from '../../fixtures/gateway-api/http-route.ts';
import type { ServiceReference } from '../../fixtures/gateway-api/reference.ts';

/** Field of the answer's header by which a route tells which of its versions answered. */
export const versionHeader = 'x-gauntlet-version';

/** What a route is made of. */
export interface VersionedRoute {
  readonly name: string;
  readonly host: string;
  /** Unique for the route and for each of its changes, so that no answer of another one can be taken for it. */
  readonly version: string;
  readonly to: ServiceReference;
  readonly parent: { readonly name: string; readonly namespace: string };
  /** All of the parent's by default. */
  readonly listener?: string;
}

/** A route whose answers tell which version of it gave them. */
export const versionedRoute = ({ name, host, version, to, parent, listener }: VersionedRoute): HttpRoute =>
  httpRoute(name)
    .on(parent, listener)
    .host(host)
    .rule({ path: '/', filters: [responseHeaders({ set: { [versionHeader]: version } })], to });
