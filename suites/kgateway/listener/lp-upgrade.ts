// SPDX-License-Identifier: Apache-2.0
import { body, denied, reached } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { listenerPolicy } from '../../../fixtures/kgateway/listener-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource, rfc } from '../../specification.ts';

const upgraded = 'on a port with the upgrade, a WebSocket to any backend is opened, and messages come back';
const refused = 'on a port without it, the upgrade is refused before the backend sees it';
const ordinary = 'on a port without it, ordinary requests reach the backend';
const byProtocol = 'on a port without it, a WebSocket to a backend whose Service says that it talks WebSocket is opened';

export default defineCheck({
  id: 'lp-upgrade',
  title: 'Connections are upgraded to WebSockets where the listener or the backend says so',
  feature: 'listener.http-settings',
  priority: 'P1',
  specification: [
    rfc(6455, '4.2'),
    envoyDocs('HTTP upgrades', 'intro/arch_overview/http/upgrades'),
    kgatewaySource('api/v1alpha1/kgateway/http_listener_policy_types.go'),
  ],
  requires: ['gateways', 'echo', 'webSocketEcho'],
  sabotages: [
    { name: 'policy-left-out', title: 'There is no policy', breaks: upgraded },
    { name: 'on-every-port', title: 'The upgrade is for every port', breaks: refused },
    { name: 'protocol-not-said', title: 'The Service does not say that it talks WebSocket', breaks: byProtocol },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo, webSocketEcho }) {
    const [host, talking] = [hostname(), hostname('ws')];
    const edge = gateway('upgrades')
      .listener({ name: 'upgrades', port: 8080, protocol: 'HTTP' })
      .listener({ name: 'plain', port: 8180, protocol: 'HTTP' });
    const listener = { httpSettings: { upgradeConfig: { enabledUpgrades: ['websocket'] } } };
    const policy = listenerPolicy(
      'upgrades',
      [edge],
      sabotaged('on-every-port') ? { default: listener } : { perPort: [{ port: 8080, listener }] },
    );
    if (!sabotaged('policy-left-out')) await apply(policy);
    const own = await gateways.own(edge);
    const backend = sabotaged('protocol-not-said') ? echo : webSocketEcho;
    await apply(
      httpRoute('app').on(own).host(host).rule({ to: echo.service }),
      httpRoute('talking').on(own).host(talking).rule({ to: backend.service }),
    );
    const says = (name: string, port: string) => own.send({ host: name, webSocket: 'hello' }, port);

    await expect.eventually(upgraded, async () => {
      const exchange = await says(host, 'upgrades');
      await reached(exchange, echo, { status: 101 });
      body(exchange, 'hello');
    });
    await expect.eventually(ordinary, async () => {
      await reached(await own.get('/', { host }, 'plain'), echo);
    });
    await expect.eventually(refused, async () => denied(await says(host, 'plain'), { status: 403, before: echo }));
    await expect.eventually(byProtocol, async () => {
      const exchange = await says(talking, 'plain');
      await reached(exchange, backend, { status: 101 });
      body(exchange, 'hello');
    });
  },
});
