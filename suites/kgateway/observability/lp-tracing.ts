// SPDX-License-Identifier: Apache-2.0
import { header, holds, reached, same, unreached } from '../../../harness/check/matchers.ts';
import type { Arrival, Exchange } from '../../../harness/probe/exchange.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { listenerPolicy } from '../../../fixtures/kgateway/listener-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const spans = 'a request gives a span, with the attributes of the policy and the Gateway as its service';
const passedOn = 'the backend is told the trace of that span';
const forced = 'with random sampling off, a request that asks to be traced gives a span';
const unsampled = 'with random sampling off, a request that does not ask gives none';

/** Makes Envoy trace a request, as far as client sampling lets it. */
const asking = { 'x-client-trace-id': 'made-by-the-client' };

export default defineCheck({
  id: 'lp-tracing',
  title: 'Spans of requests reach the collector, sampled as the policy says',
  feature: 'observability.tracing',
  priority: 'P1',
  specification: [
    envoyDocs('Tracing', 'intro/arch_overview/observability/tracing'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/listenerpolicy/tracing_converter.go'),
  ],
  requires: ['gateways', 'echo', 'collector'],
  sabotages: [
    { name: 'policy-left-out', title: 'There is no policy', breaks: spans },
    { name: 'other-attribute', title: 'The span has another attribute than it should', breaks: spans },
    { name: 'client-sampling-off', title: 'Clients cannot ask to be traced', breaks: forced },
    { name: 'random-sampling-on', title: 'Every request is sampled', breaks: unsampled },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo, collector }) {
    const host = hostname();
    const edge = gateway('traced')
      .listener({ name: 'http', port: 8080, protocol: 'HTTP' })
      .listener({ name: 'sampled', port: 8180, protocol: 'HTTP' });
    const tracing = {
      provider: { openTelemetry: { grpcService: { backendRef: collector.service } } },
      attributes: [
        { name: 'x-gauntlet-id', requestHeader: { name: 'x-gauntlet-id' } },
        { name: 'tenant', requestHeader: { name: 'x-tenant', defaultValue: 'nobody' } },
        { name: 'stage', literal: { value: sabotaged('other-attribute') ? 'production' : 'test' } },
      ],
    };
    const sampled = {
      ...tracing,
      randomSampling: sabotaged('random-sampling-on') ? 100 : 0,
      ...(sabotaged('client-sampling-off') ? { clientSampling: 0 } : {}),
    };
    if (!sabotaged('policy-left-out')) {
      await apply(
        listenerPolicy('traced', [edge], {
          default: { httpSettings: { tracing } },
          perPort: [{ port: 8180, listener: { httpSettings: { tracing: sampled } } }],
        }),
      );
    }
    const own = await gateways.own(edge);
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const sent: Exchange[] = [];
    /** Sends one more: Envoy exports when it has five spans, or after five seconds. */
    const spanOfOne = async (listener: string, headers: Readonly<Record<string, string>>): Promise<readonly [Exchange, Arrival]> => {
      const exchange = await own.get('/', { host, headers }, listener);
      await reached(exchange, echo);
      sent.push(exchange);
      for (const earlier of sent) {
        const [span] = await collector.arrivals(earlier.id);
        if (span !== undefined) return [earlier, span];
      }
      holds(false, 'a span', 'none', exchange);
    };

    await expect.eventually(spans, async () => {
      const [, span] = await spanOfOne('http', { 'x-tenant': 'acme' });
      same('kind of the arrival', span.method, 'SPAN');
      same('service.name', span.host, `${own.name}.${own.namespace}`);
      header(span, 'tenant', 'acme');
      header(span, 'stage', 'test');
      header(span, 'http.status_code', '200');
    });
    await expect.eventually(passedOn, async () => {
      const [exchange, span] = await spanOfOne('http', { 'x-tenant': 'acme' });
      header(await reached(exchange, echo), 'traceparent', new RegExp(`^00-${span.context?.['trace-id'] ?? 'none'}-[0-9a-f]{16}-01$`));
    });

    // On one connection, and so in one worker of the proxy: what was not exported with the spans of later requests never will be.
    const quiet: Exchange[] = [];
    for (let count = 0; count < 5; count += 1) quiet.push(await own.get('/', { host }, 'sampled'));
    sent.length = 0;
    await expect.eventually(forced, async () => {
      header((await spanOfOne('sampled', asking))[1], 'tenant', 'nobody');
    });
    await expect.eventually(unsampled, () => unreached(quiet, collector));
  },
});
