// SPDX-License-Identifier: Apache-2.0
import { header, holds, reached, same, status } from '../../../harness/check/matchers.ts';
import type { ArrivalRecorder, Exchange } from '../../../harness/probe/exchange.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { listenerPolicy } from '../../../fixtures/kgateway/listener-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const served = 'requests are served';
const toService = 'the access log service gets one entry for each request, with its path, status and logged headers';
const toCollector = 'the collector gets one log record for each request, with the body and the attributes of the policy';
const defaultName = 'the service of a log record is the Gateway by default';
const ownName = 'the service of a log record is the one that the policy names';

/** Envoy sends what it has gathered once a second. */
const id = { key: 'x-gauntlet-id', value: { stringValue: '%REQ(X-GAUNTLET-ID)%' } };

export default defineCheck({
  id: 'lp-accesslog-grpc-otel',
  title: 'Requests are logged to an access log service and to an OpenTelemetry collector',
  feature: 'observability.access-logs',
  priority: 'P1',
  specification: [
    envoyDocs('Access log service', 'api-v3/service/accesslog/v3/als.proto'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/listenerpolicy/access_logging_converter.go'),
  ],
  requires: ['gateways', 'echo', 'accessLog', 'collector'],
  sabotages: [
    { name: 'policy-left-out', title: 'There is no policy', breaks: toService },
    { name: 'filtered', title: 'The collector gets errors only', breaks: toCollector },
    { name: 'named-by-default', title: 'The policy names the service for the default port, too', breaks: defaultName },
    { name: 'not-named', title: 'The policy names no service', breaks: ownName },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo, accessLog, collector }) {
    const host = hostname();
    const edge = gateway('logged')
      .listener({ name: 'http', port: 8080, protocol: 'HTTP' })
      .listener({ name: 'named', port: 8180, protocol: 'HTTP' });
    const sinks = (name: string | undefined) => [
      {
        grpcService: {
          backendRef: accessLog.service,
          logName: 'to-service',
          additionalRequestHeadersToLog: ['x-gauntlet-id'],
          additionalResponseHeadersToLog: ['x-gauntlet-peer'],
        },
      },
      {
        openTelemetry: {
          grpcService: { backendRef: collector.service, logName: 'to-collector' },
          body: '%REQ(:METHOD)% %REQ(:PATH)% %RESPONSE_CODE%',
          attributes: { values: [id] },
          ...(name === undefined ? {} : { resourceAttributes: { values: [{ key: 'service.name', value: { stringValue: name } }] } }),
        },
        ...(sabotaged('filtered') ? { filter: { statusCodeFilter: { op: 'GE', value: 400 } } as const } : {}),
      },
    ];
    const policy = listenerPolicy('logged', [edge], {
      default: { httpSettings: { accessLog: sinks(sabotaged('named-by-default') ? 'storefront' : undefined) } },
      perPort: [{ port: 8180, listener: { httpSettings: { accessLog: sinks(sabotaged('not-named') ? undefined : 'storefront') } } }],
    });
    if (!sabotaged('policy-left-out')) await apply(policy);
    const own = await gateways.own(edge);
    await apply(httpRoute('app').on(own).host(host).rule({ path: '/found', to: echo.service }));

    await expect.eventually(served, async () => {
      for (const listener of ['http', 'named']) await reached(await own.get('/found', { host }, listener), echo);
    });
    const found = await own.get('/found', { host });
    const missing = await own.get('/nowhere', { host });
    const named = await own.get('/found', { host }, 'named');

    await expect.eventually(toService, async () => {
      status(missing, 404);
      for (const [exchange, path] of [
        [found, '/found'],
        [missing, '/nowhere'],
      ] as const) {
        const entry = await onlyArrival(accessLog, exchange);
        same('path', entry.path, path);
        same('host', entry.host, host);
        same('status', entry.context?.['status'], String(exchange.response?.status));
        same('log', entry.context?.['log-name'], 'to-service');
        if (path === '/found') same('x-gauntlet-peer', entry.context?.['response.x-gauntlet-peer'], echo.name);
      }
    });
    await expect.eventually(toCollector, async () => {
      for (const [exchange, body] of [
        [found, 'GET /found 200'],
        [missing, 'GET /nowhere 404'],
      ] as const) {
        const record = await onlyArrival(collector, exchange);
        same('body', record.path, body);
        header(record, 'x-gauntlet-id', exchange.id);
      }
    });
    await expect.eventually(defaultName, async () => {
      same('service.name', (await onlyArrival(collector, found)).host, `${own.name}.${own.namespace}`);
    });
    await expect.eventually(ownName, async () => same('service.name', (await onlyArrival(collector, named)).host, 'storefront'));
  },
});

async function onlyArrival(sink: ArrivalRecorder, exchange: Exchange) {
  const arrivals = await sink.arrivals(exchange.id);
  const [arrival] = arrivals;
  holds(arrival !== undefined && arrivals.length === 1, `one entry at ${sink.name}`, `${arrivals.length} entries`, exchange);
  return arrival;
}
