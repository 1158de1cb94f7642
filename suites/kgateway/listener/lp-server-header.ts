// SPDX-License-Identifier: Apache-2.0
import { absent, header, status } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { listenerPolicy } from '../../../fixtures/kgateway/listener-policy.ts';
import { answerHeader } from '../../../mocks/echo/behaviour.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const overwritten = 'by default and with Overwrite, the answer says that the proxy is the server';
const appended = 'with AppendIfAbsent, the answer names the backend’s server, and the proxy where the backend names none';
const passed = 'with PassThrough, the answer names what the backend names, and nothing where it names nothing';

export default defineCheck({
  id: 'lp-server-header',
  title: 'The Server header of answers is transformed as the listener says',
  feature: 'listener.http-settings',
  specification: [
    envoyDocs('server', 'configuration/http/http_conn_man/headers#server'),
    kgatewaySource('api/v1alpha1/kgateway/http_listener_policy_types.go'),
  ],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'policy-left-out', title: 'There is no policy', breaks: appended },
    { name: 'all-pass-through', title: 'Every port passes the header through', breaks: overwritten },
    { name: 'all-append', title: 'Where it should pass through it appends', breaks: passed },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo }) {
    const host = hostname();
    const server = (serverHeaderTransformation: 'Overwrite' | 'AppendIfAbsent' | 'PassThrough') => ({
      httpSettings: { serverHeaderTransformation },
    });
    const edge = gateway('server')
      .listener({ name: 'default', port: 8080, protocol: 'HTTP' })
      .listener({ name: 'overwrite', port: 8180, protocol: 'HTTP' })
      .listener({ name: 'append', port: 8280, protocol: 'HTTP' })
      .listener({ name: 'pass', port: 8380, protocol: 'HTTP' });
    const policy = listenerPolicy('server', [edge], {
      perPort: [
        { port: 8180, listener: server(sabotaged('all-pass-through') ? 'PassThrough' : 'Overwrite') },
        { port: 8280, listener: server('AppendIfAbsent') },
        { port: 8380, listener: server(sabotaged('all-append') ? 'AppendIfAbsent' : 'PassThrough') },
      ],
    });
    if (!sabotaged('policy-left-out')) await apply(policy);
    await echo.program({ answerPerRequest: true });
    const own = await gateways.own(edge);
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const naming = { [answerHeader]: JSON.stringify({ headers: { server: 'echo/1.0' } }) };
    const answers = async (listener: string, { named, unnamed }: { named: string; unnamed: string | typeof absent }) => {
      for (const [headers, expected] of [
        [naming, named],
        [{}, unnamed],
      ] as const) {
        const exchange = await own.get('/', { host, headers }, listener);
        status(exchange, 200);
        header(exchange, 'server', expected);
      }
    };

    await expect.eventually(overwritten, async () => {
      await answers('default', { named: 'envoy', unnamed: 'envoy' });
      await answers('overwrite', { named: 'envoy', unnamed: 'envoy' });
    });
    await expect.eventually(appended, () => answers('append', { named: 'echo/1.0', unnamed: 'envoy' }));
    await expect.eventually(passed, () => answers('pass', { named: 'echo/1.0', unnamed: absent }));
  },
});
