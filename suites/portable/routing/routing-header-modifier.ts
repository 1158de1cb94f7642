// SPDX-License-Identifier: Apache-2.0
import { absent, header, reached } from '../../../harness/check/matchers.ts';
import { httpRoute, requestHeaders, responseHeaders } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi } from '../../specification.ts';

const request = 'the backend sees the request’s headers as the filter leaves them';
const response = 'the client sees the response’s headers as the filter leaves them';

const changes = { set: { 'x-set': 'by-gateway' }, add: { 'x-add': 'by-gateway' }, remove: ['x-remove'] };

export default defineCheck({
  id: 'routing-header-modifier',
  title: 'Headers of requests and responses are set, added and removed as the route says',
  feature: 'routing.http',
  specification: [gatewayApi('HTTPHeaderFilter', 'httproute_types.go')],
  requires: ['gateway', 'echo'],
  sabotages: [
    { name: 'request-filter-left-out', title: 'The filter for requests is left out', breaks: request },
    { name: 'response-filter-left-out', title: 'The filter for responses is left out', breaks: response },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo }) {
    const host = hostname();
    const filters = [
      ...(sabotaged('request-filter-left-out') ? [] : [requestHeaders(changes)]),
      ...(sabotaged('response-filter-left-out') ? [] : [responseHeaders(changes)]),
    ];
    const original = { 'x-set': 'original', 'x-add': 'original', 'x-remove': 'original', 'x-untouched': 'original' };
    await echo.program({ headers: original });
    await apply(httpRoute('app').on(gateway).host(host).rule({ filters, to: echo.service }));

    await expect.eventually(request, async () => {
      const arrival = await reached(await gateway.get('/', { host, headers: original }), echo);
      header(arrival, 'x-set', 'by-gateway');
      header(arrival, 'x-add', /^original, ?by-gateway$/);
      header(arrival, 'x-remove', absent);
      header(arrival, 'x-untouched', 'original');
    });

    await expect.eventually(response, async () => {
      const exchange = await gateway.get('/', { host });
      await reached(exchange, echo);
      header(exchange, 'x-set', 'by-gateway');
      header(exchange, 'x-add', /^original, ?by-gateway$/);
      header(exchange, 'x-remove', absent);
      header(exchange, 'x-untouched', 'original');
    });
  },
});
