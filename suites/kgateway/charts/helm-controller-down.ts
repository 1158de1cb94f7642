// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { denied, holds, outcome, reached, refused } from '../../../harness/check/matchers.ts';
import { Mismatch } from '../../../harness/check/expect.ts';
import { seconds } from '../../../harness/units.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway as gatewayNamed } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { basicAuthorization, randomSecret } from '../../../fixtures/passwords/passwords.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const allowed = 'a request with the credential reaches the backend, and one without is denied';
const goesOn = 'without a controller, requests with the credential go on to reach the backend';
const stillDenied = 'without a controller, requests without the credential are still denied';
const empty = 'a proxy that starts without a controller serves nothing';
const back = 'once the controller is back, so are the proxy, its route and its policy';

/** Answers on either side of the change. */
const enough = 50;
const alice = { user: 'alice', password: randomSecret() };
const headers = { authorization: basicAuthorization(alice) };

export default defineCheck({
  id: 'helm-controller-down',
  title: 'Without a controller, proxies serve on as before, and a proxy that starts meanwhile is closed, not open',
  feature: 'gateway.charts',
  serial: true,
  specification: [kgatewaySource('pkg/kgateway/helm/envoy/templates/configmap.yaml'), kgatewaySource('pkg/kgateway/setup/controlplane.go')],
  requires: ['gateways', 'echo', 'policies', 'proxies', 'controller'],
  sabotages: [
    { name: 'proxy-goes-too', title: 'The proxy is replaced while requests are sent', breaks: goesOn },
    { name: 'policy-deleted', title: 'The policy is deleted just before', breaks: stillDenied },
    { name: 'controller-stays', title: 'The controller stays', breaks: empty },
  ],
  async run(context) {
    const { apply, expect, hostname, kube, namespace, probe, sabotaged, budgets, gateways, echo, policies, proxies, controller } = context;
    const host = hostname();
    const own = await gateways.own(gatewayNamed('own').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const route = httpRoute('app').on(own).host(host).rule({ to: echo.service });
    const rendered = await policies.apply(policy.basicAuth(alice), route);
    await apply(route);
    const { basicAuthRefused } = policies.outcomes;
    const works = async () => {
      await reached(await own.get('/', { host, headers, freshConnection: true }), echo);
      await denied(await own.get('/', { host, freshConnection: true }), { ...basicAuthRefused, before: echo });
    };
    const replaceProxies = async () => {
      for (const { metadata } of await proxies.pods(own))
        await kube.remove({ apiVersion: 'v1', kind: 'Pod', namespace, name: metadata.name }, { graceSeconds: 0, wait: budgets.gateway });
    };
    await expect.eventually(allowed, works);
    if (sabotaged('policy-deleted')) {
      await kube.remove(referenceTo(rendered.policy, namespace));
      await expect.eventually('the policy is gone', async () => {
        await reached(await own.get('/', { host }), echo);
      });
    }

    await using attack = own.attack({ host, headers });
    await attack.until(enough);
    if (!sabotaged('controller-stays')) await controller.scale(0);
    if (sabotaged('proxy-goes-too')) await replaceProxies();
    await attack.until(enough);
    const { exchanges } = await attack.stop();
    await expect.now(goesOn, () => {
      const bad = exchanges.find(({ response }) => response?.status !== 200);
      if (bad !== undefined) throw new Mismatch(`200 for each of ${exchanges.length} requests`, outcome(bad), bad);
    });
    await expect.consistently(stillDenied, async () => denied(await own.get('/', { host }), { ...basicAuthRefused, before: echo }));

    await replaceProxies();
    // Asked at its own address: a Service would send nothing to a proxy that is not ready.
    let address = '';
    await expect.eventually(
      `${empty}: it is there`,
      async () => {
        const [pod] = await proxies.pods(own);
        const { podIP, phase } = (pod?.['status'] ?? {}) as { readonly podIP?: string; readonly phase?: string };
        holds(podIP !== undefined && phase === 'Running', 'a proxy that runs', phase ?? 'none');
        // One that has a controller is given the time to get its configuration.
        if (sabotaged('controller-stays')) condition(pod, 'Ready');
        address = podIP;
      },
      { within: budgets.gateway, streak: 1 },
    );
    await expect.consistently(
      empty,
      async () => {
        const { port } = own.endpoint();
        await refused(await probe.send({ address, port }, { host, headers, freshConnection: true }), { layers: ['connect'], before: echo });
      },
      { lasting: seconds(5) },
    );

    if (!sabotaged('controller-stays')) await controller.scale(1);
    await expect.eventually(back, works, { within: budgets.gateway });
  },
});
