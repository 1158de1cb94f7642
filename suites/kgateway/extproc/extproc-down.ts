// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { condition } from '../../../harness/check/conditions.ts';
import { absent, denied, header, reached, same } from '../../../harness/check/matchers.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { gatewayExtension } from '../../../fixtures/kgateway/gateway-extension.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const processed = 'a request is changed by the processor while it is up';
const exempt = 'a request to a route that switches processing off is not shown to the processor';
const missing = 'a request to a route whose processor does not exist gets the replacement answer and does not reach the backend';
const closed = 'where the policy is closed on errors, a request gets an error while the processor is down';
const open = 'by default, a request reaches the backend unchanged while the processor is down';
const back = 'a request is changed again once the processor is back';
const status = 'the route whose processor does not exist, and its policy, say what is wrong';

const mark = 'x-processed';

export default defineCheck({
  id: 'extproc-down',
  title: 'While a processor cannot be asked, requests pass unchanged or not at all, as the policy says',
  feature: 'traffic.ext-proc',
  specification: [
    kgatewaySource('api/v1alpha1/kgateway/ext_proc_types.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/extproc_policy.go'),
  ],
  requires: ['gateways', 'echo', 'extProc', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: processed },
    { name: 'not-switched-off', title: 'The route does not switch processing off', breaks: exempt },
    { name: 'provider-present', title: 'The missing processor exists', breaks: missing },
    { name: 'fails-open', title: 'The policy that is closed on errors is open', breaks: closed },
    { name: 'fails-closed', title: 'The policy of the Gateway is closed on errors', breaks: open },
    { name: 'stays-down', title: 'The processor does not come back', breaks: back },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateways, echo, extProc, policies }) {
    const names = ['plain', 'closed', 'off', 'missing'] as const;
    const hosts = Object.fromEntries(names.map((name) => [name, hostname(name)])) as Record<(typeof names)[number], string>;
    await extProc.program({ requestHeaders: { set: { [mark]: 'yes' } } });
    const own = await gateways.own(gateway('processed').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const routes = Object.fromEntries(
      names.map((name) => [name, httpRoute(name).on(own).host(hosts[name]).rule({ to: echo.service })]),
    ) as unknown as Record<(typeof names)[number], ReturnType<typeof httpRoute>>;
    const processor = (name: string, closedOnErrors: boolean) =>
      gatewayExtension(name, {
        extProc: { messageTimeout: '5s', grpcService: { backendRef: extProc.service }, ...(closedOnErrors ? { failOpen: false } : {}) },
      });
    await apply(processor('open', sabotaged('fails-closed')), processor('closed', !sabotaged('fails-open')));
    if (sabotaged('provider-present')) await apply(processor('nobody', false));
    const named = (name: string) => ({ extProc: { extensionRef: { name } } });
    const withoutProcessor = trafficPolicy('missing', [routes.missing], named('nobody'));
    await apply.subject(
      trafficPolicy('of-gateway', [own.resource], named('open')),
      trafficPolicy('closed', [routes.closed], named('closed')),
      withoutProcessor,
    );
    if (!sabotaged('not-switched-off')) await apply(trafficPolicy('off', [routes.off], { extProc: { disable: {} } }));
    await apply(...Object.values(routes));
    const { brokenPolicy } = policies.outcomes;
    const isChanged = async (host: string): Promise<void> => header(await reached(await own.get('/', { host }), echo), mark, 'yes');

    await expect.eventually(processed, async () => {
      for (const host of [hosts.plain, hosts.closed]) await isChanged(host);
    });

    await expect.eventually(exempt, async () => {
      const exchange = await own.get('/', { host: hosts.off });
      header(await reached(exchange, echo), mark, absent);
      same('exchanges shown to the processor', (await extProc.arrivals(exchange.id)).length, 0);
    });

    await expect.eventually(missing, async () =>
      denied(await own.get('/', { host: hosts.missing }), { ...brokenPolicy.answer, before: echo }),
    );

    await extProc.fault('refuse');
    await expect.eventually(closed, async () => denied(await own.get('/', { host: hosts.closed }), { status: 500, before: echo }));
    await expect.eventually(open, async () => header(await reached(await own.get('/', { host: hosts.plain }), echo), mark, absent));

    if (!sabotaged('stays-down')) await extProc.fault('none');
    await expect.eventually(back, async () => {
      for (const host of [hosts.plain, hosts.closed]) await isChanged(host);
    });

    await expect.eventually(
      status,
      async () => {
        condition(await kube.get(referenceTo(routes.missing, namespace)), brokenPolicy.route.type, brokenPolicy.route);
        const message = `gateway extension ${namespace}/nobody not found`;
        condition(await kube.get(referenceTo(withoutProcessor, namespace)), brokenPolicy.policy.type, { ...brokenPolicy.policy, message });
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
