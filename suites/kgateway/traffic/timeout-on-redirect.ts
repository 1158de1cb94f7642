// SPDX-License-Identifier: Apache-2.0
import { header, holds, reached, status } from '../../../harness/check/matchers.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import { seconds } from '../../../harness/units.ts';
import type { CheckContext } from '../../../harness/check/check.ts';
import type { Controller } from '../../../fixtures/controller.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const redirects = 'a route that redirects does so';
const goesOn = 'with a timeout for that route, the controller goes on without a restart';
const takes = 'the gateway still takes new routes';

export default defineCheck({
  id: 'timeout-on-redirect',
  title: 'A timeout on a route that redirects does not end the controller',
  feature: 'traffic.timeouts',
  priority: 'P1',
  specification: [kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/traffic_policy_plugin.go')],
  requires: ['controller', 'gateway', 'echo', 'policies'],
  sabotages: [{ name: 'no-redirect', title: 'The route does not redirect', breaks: redirects }],
  // What it is about takes the controller away from all others.
  serial: true,
  async run(context) {
    const { apply, expect, hostname, sabotaged, defer, controller, gateway, echo, policies } = context;
    const host = hostname();
    const nextHost = hostname('next');
    const redirect = { type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } };
    const route = httpRoute('app')
      .on(gateway)
      .host(host)
      .rule(sabotaged('no-redirect') ? { to: echo.service } : { filters: [redirect] });
    await apply(route);

    await expect.eventually(redirects, async () => {
      const exchange = await gateway.get('/page', { host });
      status(exchange, 301);
      header(exchange, 'location', new RegExp(`^https://${host.replaceAll('.', '\\.')}(:443)?/page$`));
    });

    const rendered = policies.render(policy.requestTimeout(seconds(5)), route);
    defer(() => withoutPauses(context, controller));
    defer(() => context.kube.remove(referenceTo(rendered.policy, context.namespace)));
    const before = restartsOf(await controller.pods());
    await apply(rendered.policy);
    await expect.consistently(
      goesOn,
      async () => {
        const more = restartsOf(await controller.pods()) - before;
        holds(more === 0, 'no restart of the controller', 'a restart of the controller');
      },
      { lasting: seconds(5) },
    );

    await apply(httpRoute('next').on(gateway).host(nextHost).rule({ to: echo.service }));
    await expect.eventually(takes, async () => {
      await reached(await gateway.get('/', { host: nextHost }), echo);
    });
  },
});

/** How often containers of these pods were started again. */
function restartsOf(pods: readonly Resource[]): number {
  return pods
    .flatMap(
      ({ status: seen }) => (seen as { readonly containerStatuses?: readonly { readonly restartCount: number }[] }).containerStatuses ?? [],
    )
    .reduce((sum, { restartCount }) => sum + restartCount, 0);
}

/** Spares those that come next the pauses between the restarts of a controller that ended again and again. */
async function withoutPauses({ kube, target }: CheckContext, controller: Controller): Promise<void> {
  for (const pod of await controller.pods()) {
    if (restartsOf([pod]) > 0) await kube.remove(referenceTo(pod, target.controller.namespace), { graceSeconds: 0 });
  }
  await controller.ready();
}
