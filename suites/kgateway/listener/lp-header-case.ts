// SPDX-License-Identifier: Apache-2.0
import { holds, reached } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { backendConfigPolicy } from '../../../fixtures/kgateway/backend-config-policy.ts';
import { listenerPolicy } from '../../../fixtures/kgateway/listener-policy.ts';
import type { EchoDescription } from '../../../mocks/echo/behaviour.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const keptForBackend = 'with the listener’s policy, the backend gets the names of headers as the client wrote them';
const keptForClient = 'with the backend’s policy, the client gets the names of headers as the backend wrote them';
const lowered = 'without either policy, names are in lower case in both directions';

const [asked, answered] = ['X-CaSeD-HeAdEr', 'ReSpOnSe-miXed-CaSe'];

export default defineCheck({
  id: 'lp-header-case',
  title: 'Names of headers keep their case where listener and backend say so',
  feature: 'listener.http-settings',
  priority: 'P1',
  specification: [
    envoyDocs('HTTP/1.1 header casing', 'configuration/http/http_conn_man/header_casing'),
    kgatewaySource('test/e2e/features/listener_policy/testdata/preserve-http1-header-case.yaml'),
  ],
  requires: ['gateways', 'echo', 'otherEcho'],
  sabotages: [
    { name: 'listener-policy-left-out', title: 'The listener does not keep the case', breaks: keptForBackend },
    { name: 'backend-policy-left-out', title: 'The backend’s side does not keep the case', breaks: keptForClient },
    { name: 'on-every-port', title: 'Every port keeps the case', breaks: lowered },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo, otherEcho }) {
    const [host, other] = [hostname(), hostname('other')];
    const edge = gateway('cases')
      .listener({ name: 'keeps', port: 8080, protocol: 'HTTP' })
      .listener({ name: 'plain', port: 8180, protocol: 'HTTP' });
    const listener = { httpSettings: { preserveHttp1HeaderCase: true } };
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: echo.service.name } };
    if (!sabotaged('listener-policy-left-out')) {
      await apply(
        listenerPolicy('cases', [edge], sabotaged('on-every-port') ? { default: listener } : { perPort: [{ port: 8080, listener }] }),
      );
    }
    if (!sabotaged('backend-policy-left-out')) {
      await apply(backendConfigPolicy('cases', [service], { http1ProtocolOptions: { preserveHttp1HeaderCase: true } }));
    }
    for (const backend of [echo, otherEcho]) await backend.program({ headers: { [answered]: 'yes' } });
    const own = await gateways.own(edge);
    await apply(
      httpRoute('app').on(own).host(host).rule({ to: echo.service }),
      httpRoute('other').on(own).host(other).rule({ to: otherEcho.service }),
    );
    /** The names as each side wrote them. */
    const namesOver = async (port: string, to = { host, backend: echo }) => {
      const exchange = await own.get('/', { host: to.host, headers: { [asked]: 'yes' } }, port);
      await reached(exchange, to.backend);
      const { writtenNames: atBackend } = JSON.parse(exchange.response?.body ?? '{}') as EchoDescription;
      return { exchange, atBackend, atClient: exchange.response?.writtenNames ?? [] };
    };

    await expect.eventually(keptForBackend, async () => {
      const { exchange, atBackend } = await namesOver('keeps');
      holds(atBackend.includes(asked), `${asked} at the backend`, atBackend.join(), exchange);
    });
    await expect.eventually(keptForClient, async () => {
      const { exchange, atClient } = await namesOver('keeps');
      holds(atClient.includes(answered), `${answered} at the client`, atClient.join(), exchange);
    });
    await expect.eventually(lowered, async () => {
      const { exchange, atBackend, atClient } = await namesOver('plain', { host: other, backend: otherEcho });
      const [request, response] = [asked.toLowerCase(), answered.toLowerCase()];
      holds(atBackend.includes(request), `${request} at the backend`, atBackend.join(), exchange);
      holds(atClient.includes(response), `${response} at the client`, atClient.join(), exchange);
    });
  },
});
