// SPDX-License-Identifier: Apache-2.0
import type { Resource } from '../../harness/kube/kube.ts';
import { extensionRef, httpRoute, type HttpRoute } from '../../fixtures/gateway-api/http-route.ts';
import { gatewayApiGroup, type Section } from '../../fixtures/gateway-api/reference.ts';
import type { RenderedPolicy } from '../../fixtures/targets/dialect.ts';
import type { Stage } from './stage.ts';

/** Where a policy is attached, from the widest to the narrowest. */
export const levels = ['gateway', 'listener', 'route', 'rule', 'backendRef', 'delegated-child'] as const;

/** One of {@link levels}. */
export type Level = (typeof levels)[number];

/** Each level in words. */
export const levelTitles: Readonly<Record<Level, string>> = {
  gateway: 'a Gateway',
  listener: 'a listener',
  route: 'a route',
  rule: 'a rule of a route',
  backendRef: 'a backend of a rule',
  'delegated-child': 'a route that another one delegates to',
};

/** A route and what attaches a policy to it or to what is above it. */
export interface Placement {
  /** What the policy is rendered for. */
  readonly target: Resource | Section;
  /** The policy has no target of its own: it takes effect where a route names it. */
  readonly named?: true;
  /** The routes, complete; of several the last one leads to the backend. Without a policy they name none. */
  routes(policy: RenderedPolicy | undefined): readonly Resource[];
}

/** Places a policy on one level of a stage. Resources get the stage's namespace where they are applied. */
export function place(level: Level, stage: Stage, host: string): Placement {
  const app = httpRoute('app').on(stage.gateway, stage.listener).host(host);
  const whole = app.rule({ name: 'guarded', to: stage.echo.service });
  const attached = (target: Resource | Section, route: HttpRoute = whole): Placement => ({
    target,
    // A policy that does not attach by itself is named by the rule.
    routes: (rendered) => [
      rendered?.attachment === undefined
        ? route
        : app.rule({ name: 'guarded', to: stage.echo.service, filters: [extensionRef(rendered.policy)] }),
    ],
  });
  switch (level) {
    case 'gateway':
      return attached(stage.gateway.resource);
    case 'listener':
      return attached({ resource: stage.gateway.resource, sectionName: stage.listener });
    case 'route':
      return attached(whole);
    case 'rule':
      return attached({ resource: whole, sectionName: 'guarded' });
    case 'backendRef':
      return {
        target: whole,
        named: true,
        routes: (rendered) => {
          const filters = rendered === undefined ? {} : { filters: [extensionRef(rendered.policy)] };
          return [app.rule({ name: 'guarded', to: [{ ...stage.echo.service, ...filters }] })];
        },
      };
    case 'delegated-child': {
      const child = httpRoute('child').rule({ to: stage.echo.service });
      const parent = app.rule({ to: { group: gatewayApiGroup, kind: 'HTTPRoute', name: 'child', namespace: stage.namespace } });
      return { target: child, routes: () => [parent, child] };
    }
  }
}
