// SPDX-License-Identifier: Apache-2.0
import { Mismatch } from '../../../harness/check/expect.ts';
import { header, holds, reached } from '../../../harness/check/matchers.ts';
import { messageOf } from '../../../harness/errors.ts';
import { seconds } from '../../../harness/units.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { listenerPolicy } from '../../../fixtures/kgateway/listener-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const ordinary = 'with a policy that changes an ordinary header, requests reach the backend of their host';
const refused = 'a policy that changes a pseudo-header is refused';
const notRouted = 'a policy that sets Host moves no request to a route of another host';
const answers = 'a proxy that has a listener that it rejects answers on the other one';
const beside = 'a listener beside one that the proxy rejects gets its routes';

/** What a policy may not touch, and what it would set it to. */
const pseudo = [':path', ':method', ':authority', ':scheme'] as const;

export default defineCheck({
  id: 'early-pseudo',
  title: 'The listener’s header changes cannot touch what a request is routed by',
  feature: 'listener.early-headers',
  priority: 'P1',
  specification: [gatewayApi('HTTPHeaderName', 'shared_types.go'), kgatewaySource('api/v1alpha1/kgateway/http_listener_policy_types.go')],
  requires: ['gateways', 'echo', 'otherEcho'],
  sabotages: [
    { name: 'policy-left-out', title: 'There is no policy', breaks: ordinary },
    { name: 'ordinary-names', title: 'The names are those of ordinary headers', breaks: refused },
    { name: 'route-moved', title: 'A route of its host leads to the other backend', breaks: notRouted },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, gateways, echo, otherEcho }) {
    const [host, other] = [hostname(), hostname('other')];
    const edge = (name: string) =>
      gateway(name).listener({ name: 'http', port: 8080, protocol: 'HTTP' }).listener({ name: 'hosts', port: 8180, protocol: 'HTTP' });
    const setting = (name: string, value: string) => ({ httpSettings: { earlyRequestHeaderModifier: { set: [{ name, value }] } } });
    const harmless = setting('x-early', 'yes');
    const settingHost = sabotaged('ordinary-names') ? setting('x-host', other) : setting('Host', other);
    const policyFor = (name: string, forHosts: typeof harmless) =>
      listenerPolicy(name, [edge(name)], { default: harmless, perPort: [{ port: 8180, listener: forHosts }] });
    if (!sabotaged('policy-left-out')) await apply(policyFor('early', harmless));
    const own = await gateways.own(edge('early'));
    const to = sabotaged('route-moved') ? otherEcho : echo;
    const app = httpRoute('app').host(host).rule({ to: echo.service });
    const others = httpRoute('other').host(other).rule({ to: otherEcho.service });
    await apply(app.on(own), others.on(own));

    await expect.eventually(ordinary, async () => {
      for (const listener of ['http', 'hosts']) {
        header(await reached(await own.get('/', { host }, listener), echo), 'x-early', 'yes');
        await reached(await own.get('/', { host: other }, listener), otherEcho);
      }
    });

    await expect.now(refused, async () => {
      for (const name of pseudo) {
        const policy = listenerPolicy('pseudo', [edge('early')], { default: setting(sabotaged('ordinary-names') ? 'x-path' : name, '/') });
        const refusal = await kube
          .apply({ ...policy, metadata: { name: 'pseudo', namespace } }, { dryRun: true })
          .then(() => new Mismatch(`a refusal of ${name}`, 'no refusal'), messageOf);
        if (refusal instanceof Mismatch) throw refusal;
      }
    });

    await apply(policyFor('early', settingHost), app.on(own).rule({ path: '/later', to: to.service }));
    await expect.consistently(notRouted, async () => {
      for (const path of ['/', '/later']) {
        const exchange = await own.get(path, { host, freshConnection: true }, 'hosts');
        holds((await otherEcho.arrivals(exchange.id)).length === 0, 'no arrival at the other host’s backend', 'one', exchange);
      }
    });

    await apply(policyFor('fresh', settingHost));
    const fresh = await gateways.own(edge('fresh'));
    await apply(app.on(own).on(fresh));
    await expect.eventually(
      answers,
      async () => {
        const exchange = await fresh.get('/', { host }, 'http');
        holds(exchange.response !== undefined, 'an answer', 'none', exchange);
      },
      { streak: 1 },
    );
    await expect.eventually(
      beside,
      async () => {
        await reached(await fresh.get('/', { host }, 'http'), echo);
      },
      // Longer than the 15 seconds for which Envoy waits for what it has asked for.
      { within: seconds(20) },
    );
  },
});
