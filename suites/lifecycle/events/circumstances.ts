// SPDX-License-Identifier: Apache-2.0
import type { Resource } from '../../../harness/kube/kube.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import type { CellPlay } from '../cell-play.ts';
import type { Cannot } from '../event-row.ts';
import { needsServer } from './applicability.ts';

/** What is wrong already when an event comes. */
export interface Circumstance {
  /** Added to the id of the event: `proxy-killed-under-nack`. */
  readonly suffix: string;
  /** Added to its title. */
  readonly title: string;
  /** What is allowed may fail from when it begins until it is over. */
  readonly interrupts: boolean;
  readonly cannot?: Cannot;
  readonly begin: (cell: CellPlay) => Promise<void>;
  readonly end: (cell: CellPlay) => Promise<void>;
}

/** Nothing is wrong. */
export const allWell: Circumstance = {
  suffix: '',
  title: '',
  interrupts: false,
  begin: () => Promise.resolve(),
  end: () => Promise.resolve(),
};

/** The server that the policy asks refuses connections. */
export const serverDown: Circumstance = {
  suffix: '-while-server-down',
  title: ' while its server is down',
  interrupts: true,
  cannot: needsServer(),
  begin: async ({ policy: { server } }) => server?.peer.fault('refuse'),
  end: async ({ policy: { server } }) => {
    await server?.peer.fault('none');
    await server?.restore();
  },
};

/** An update that the proxy refused is outstanding: a route of the same listener has a regular expression that is none. */
export const underNack: Circumstance = {
  suffix: '-under-nack',
  title: ' while an update that the proxy refused is outstanding',
  interrupts: false,
  begin: (cell) => cell.resources.write(refusedRoute(cell)),
  end: (cell) => cell.resources.remove(refusedRoute(cell)),
};

/** A route beside that of the cell, which the proxy refuses. */
export function refusedRoute({ context, stage }: CellPlay): Resource {
  return httpRoute('refused')
    .on(stage.gateway, stage.listener)
    .host(context.hostname('refused'))
    .rule({ pathRegex: '[', to: stage.echo.service });
}
