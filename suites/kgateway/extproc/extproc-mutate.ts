// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { absent, body, header, reached, same } from '../../../harness/check/matchers.ts';
import type { Exchange } from '../../../harness/probe/exchange.ts';
import { gateway as gatewayNamed } from '../../../fixtures/gateway-api/gateway.ts';
import { extensionRef, httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { gatewayExtension } from '../../../fixtures/kgateway/gateway-extension.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const ofGateway = 'the processor of a Gateway changes headers and bodies of both ways';
const ofRoute = 'the processor of a route changes headers and bodies of both ways';
const ofRule = 'the processor of a rule changes headers and bodies of both ways';
const ofBackend = 'the processor of a backend changes headers and bodies of both ways';
const untouched = 'the processor does not see the requests of another rule, and nothing of them is changed';

const sent = { method: 'POST', headers: { 'x-secret': 'of the client' }, body: 'sent' };
const changes = {
  requestHeaders: { set: { 'x-processed': 'yes' }, remove: ['x-secret'] },
  requestBody: 'replaced by the processor',
  responseHeaders: { set: { 'x-answer': 'changed' } },
  responseBody: 'replaced, too',
};

export default defineCheck({
  id: 'extproc-mutate',
  title: 'An external processor changes requests and answers of what its policy is attached to, and of nothing else',
  feature: 'traffic.ext-proc',
  priority: 'P1',
  specification: [
    envoyDocs('External processing', 'configuration/http/http_filters/ext_proc_filter'),
    kgatewaySource('api/v1alpha1/kgateway/ext_proc_types.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/extproc_policy.go'),
  ],
  requires: ['gateway', 'gateways', 'echo', 'extProc'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: ofGateway },
    { name: 'processor-changes-nothing', title: 'The processor changes nothing', breaks: ofGateway },
    { name: 'no-bodies', title: 'The processor of the route is not sent bodies', breaks: ofRoute },
    { name: 'rule-without-filter', title: 'The rule does not refer to the policy', breaks: ofRule },
    { name: 'backend-without-filter', title: 'The backend does not refer to the policy', breaks: ofBackend },
    { name: 'filter-everywhere', title: 'The other rule refers to the policy as well', breaks: untouched },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, gateways, echo, extProc }) {
    const [host, routeHost] = [hostname(), hostname('route')];
    if (!sabotaged('processor-changes-nothing')) await extProc.program(changes);
    const own = await gateways.own(gatewayNamed('processed').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const provider = gatewayExtension('processor', {
      extProc: {
        // The default of 200 ms is short for a busy machine, and a processor that is late is left out without a word.
        messageTimeout: '5s',
        processingMode: { requestBodyMode: 'BUFFERED', responseBodyMode: 'BUFFERED' },
        grpcService: { backendRef: extProc.service },
      },
    });
    const extension = { extensionRef: { name: 'processor' } };
    const byReference = trafficPolicy('by-reference', [], { extProc: extension });
    const filters = [extensionRef(byReference)];
    const unless = (sabotage: string) => (sabotaged(sabotage) ? {} : { filters });
    const route = httpRoute('route').on(gateway).host(routeHost).rule({ to: echo.service });
    const rules = httpRoute('rules')
      .on(gateway)
      .host(host)
      .rule({ path: '/rule', ...unless('rule-without-filter'), to: echo.service })
      .rule({ path: '/backend', to: [{ ...echo.service, ...unless('backend-without-filter') }] })
      .rule({ path: '/other', ...(sabotaged('filter-everywhere') ? { filters } : {}), to: echo.service });
    const withoutBodies = { processingMode: { requestBodyMode: 'NONE', responseBodyMode: 'NONE' } } as const;
    await apply(provider);
    await apply.subject(
      trafficPolicy('of-gateway', [own.resource], { extProc: extension }),
      trafficPolicy('of-route', [route], { extProc: { ...extension, ...(sabotaged('no-bodies') ? withoutBodies : {}) } }),
    );
    await apply(byReference, httpRoute('app').on(own).host(host).rule({ to: echo.service }), route, rules);

    const isChanged = async (exchange: Exchange): Promise<void> => {
      const arrival = await reached(exchange, echo);
      header(arrival, 'x-processed', 'yes');
      header(arrival, 'x-secret', absent);
      header(arrival, 'content-length', String(changes.requestBody.length));
      header(exchange, 'x-answer', 'changed');
      body(exchange, changes.responseBody);
      same('exchanges shown to the processor', (await extProc.arrivals(exchange.id)).length, 1);
    };
    await expect.eventually(ofGateway, async () => isChanged(await own.send({ ...sent, host })));
    await expect.eventually(ofRoute, async () => isChanged(await gateway.send({ ...sent, host: routeHost })));
    await expect.eventually(ofRule, async () => isChanged(await gateway.send({ ...sent, host, path: '/rule' })));
    await expect.eventually(ofBackend, async () => isChanged(await gateway.send({ ...sent, host, path: '/backend' })));

    await expect.eventually(untouched, async () => {
      const exchange = await gateway.send({ ...sent, host, path: '/other' });
      header(await reached(exchange, echo), 'x-secret', sent.headers['x-secret']);
      header(exchange, 'x-answer', absent);
      same('exchanges shown to the processor', (await extProc.arrivals(exchange.id)).length, 0);
    });
  },
});
