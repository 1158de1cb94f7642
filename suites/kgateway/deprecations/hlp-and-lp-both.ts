// SPDX-License-Identifier: Apache-2.0
import { header, holds, reached, same } from '../../../harness/check/matchers.ts';
import type { ArrivalRecorder, Exchange } from '../../../harness/probe/exchange.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import type { LiveGateway } from '../../../fixtures/gateways.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { httpListenerPolicy } from '../../../fixtures/kgateway/http-listener-policy.ts';
import { listenerPolicy } from '../../../fixtures/kgateway/listener-policy.ts';
import type { Proxies } from '../../../fixtures/proxies.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const logged = 'the access log of the HTTPListenerPolicy is written';
const traced = 'the spans of the HTTPListenerPolicy reach the collector';
const ofNew = 'what a ListenerPolicy beside it sets takes effect';
const stillLogged = 'the access log is written as before';
const made = 'a change of the ListenerPolicy reaches the proxy';
const stillTraced = 'however often the configuration is made anew, the proxy is told to trace';

/** As often as the configuration is made anew: the controller takes the two kinds in an order that it draws each time. */
const times = 12;

export default defineCheck({
  id: 'hlp-and-lp-both',
  title: 'A ListenerPolicy takes nothing away that an HTTPListenerPolicy on the same Gateway sets',
  feature: 'listener.http-listener-policy',
  priority: 'P1',
  specification: [
    kgatewaySource('pkg/kgateway/extensions2/plugins/httplistenerpolicy/httplistener_plugin.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/listenerpolicy/listener_plugin.go'),
  ],
  requires: ['gateways', 'proxies', 'echo', 'accessLog', 'collector'],
  sabotages: [
    { name: 'new-left-out', title: 'There is no ListenerPolicy', breaks: ofNew },
    { name: 'old-left-out', title: 'There is no HTTPListenerPolicy', breaks: logged },
    { name: 'not-traced', title: 'The HTTPListenerPolicy has no tracing', breaks: traced },
    { name: 'old-taken-away', title: 'The HTTPListenerPolicy goes when the ListenerPolicy comes', breaks: stillLogged },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, gateways, proxies, echo, accessLog, collector }) {
    const host = hostname();
    const edge = gateway('both').listener({ name: 'http', port: 8080, protocol: 'HTTP' });
    const tracing = {
      provider: { openTelemetry: { grpcService: { backendRef: collector.service } } },
      attributes: [{ name: 'x-gauntlet-id', requestHeader: { name: 'x-gauntlet-id' } }],
    };
    const old = httpListenerPolicy('old', [edge], {
      accessLog: [{ grpcService: { backendRef: accessLog.service, logName: 'log', additionalRequestHeadersToLog: ['x-gauntlet-id'] } }],
      ...(sabotaged('not-traced') ? {} : { tracing }),
    });
    if (!sabotaged('old-left-out')) await apply(old);
    const own = await gateways.own(edge);
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const sent: Exchange[] = [];
    const oneArrivedAt = async (sink: ArrivalRecorder) => {
      const exchange = await own.get('/', { host, freshConnection: true });
      await reached(exchange, echo);
      sent.push(exchange);
      const arrivals = await Promise.all(sent.map(({ id }) => sink.arrivals(id)));
      holds(arrivals.flat().length > 0, `an arrival at ${sink.name}`, 'none', exchange);
    };

    await expect.eventually(logged, () => oneArrivedAt(accessLog));
    await expect.eventually(traced, () => oneArrivedAt(collector));

    const newWith = (maxRequestHeadersKb: number) =>
      listenerPolicy('new', [edge], { default: { httpSettings: { preserveExternalRequestId: true, maxRequestHeadersKb } } });
    if (!sabotaged('new-left-out')) await apply(newWith(60));
    if (sabotaged('old-taken-away')) await kube.remove(referenceTo(old, namespace));
    const withId = { host, headers: { 'x-request-id': 'mine' }, freshConnection: true };
    await expect.eventually(ofNew, async () => header(await reached(await own.get('/', withId), echo), 'x-request-id', 'mine'));
    sent.length = 0;
    await expect.eventually(stillLogged, () => oneArrivedAt(accessLog));

    const tracings: boolean[] = [];
    for (let time = 1; time <= times; time += 1) {
      await apply(newWith(60 + time));
      await expect.eventually(
        made,
        async () => {
          const manager = await managerOf(proxies, own);
          same('max_request_headers_kb', manager.max_request_headers_kb, 60 + time);
          tracings[time - 1] = manager.tracing !== undefined;
        },
        { streak: 1 },
      );
    }
    await expect.now(stillTraced, () => {
      holds(tracings.every(Boolean), 'told to trace each time', 'not each time');
    });
  },
});

/** The HTTP connection manager of a Gateway with one listener. */
interface ConnectionManager {
  readonly max_request_headers_kb?: number;
  readonly tracing?: object;
}

async function managerOf(proxies: Proxies, own: LiveGateway): Promise<ConnectionManager> {
  const [listener] = await proxies.listeners(own);
  const chains = (listener?.['filter_chains'] ?? []) as readonly {
    readonly filters: readonly { readonly typed_config: ConnectionManager }[];
  }[];
  return chains[0]?.filters[0]?.typed_config ?? {};
}
