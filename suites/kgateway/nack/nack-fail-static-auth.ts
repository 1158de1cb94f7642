// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached, unreached } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { gatewayExtension } from '../../../fixtures/kgateway/gateway-extension.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';
import { rejected, rejectionsOf } from './rejections.ts';

const guarded = 'requests are denied or reach the backend by their credential before anything is rejected';
const counted = 'the controller counts one rejection of routes';
const stays = 'requests are denied or reach the backend by their credential while the routes are rejected';
const restarted = 'the proxy that replaces the first one rejects the routes as well';
const closed = 'no request without the credential reaches the backend by a proxy that never had good routes';
const restored = 'requests are denied or reach the backend by their credential once the routes are right again';
const listenerCounted =
  'the controller counts one rejection of the listener, when a further route asks for authorization that the proxy cannot do';
const notOpen = 'no request reaches the backend by the route whose authorization was rejected with the listener';

const headers = { 'x-ext-authz': 'allow' };

export default defineCheck({
  id: 'nack-fail-static-auth',
  title: 'A protected route stays protected while configuration is rejected, also by a proxy that starts meanwhile',
  feature: 'xds.nack-metrics',
  specification: [kgatewaySource('pkg/kgateway/setup/envoy_error.go'), kgatewaySource('pkg/kgateway/translator/irtranslator/route.go')],
  requires: ['gateways', 'proxies', 'echo', 'extAuth', 'policies', 'controllerMetrics'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: guarded },
    { name: 'routes-are-right', title: 'The new route is right', breaks: counted },
    { name: 'server-turns', title: 'The server says yes to everyone while the routes are rejected', breaks: stays },
    { name: 'prefix-is-right', title: 'The proxy can do the authorization of the further route', breaks: listenerCounted },
    { name: 'proxy-stays', title: 'The proxy is not replaced', breaks: restarted },
  ],
  async run({ apply, expect, hostname, kube, sabotaged, budgets, gateways, proxies, echo, extAuth, policies, controllerMetrics }) {
    const host = hostname();
    const own = await gateways.own(gateway('static').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const route = httpRoute('app').on(own).host(host).rule({ path: '/guarded', to: echo.service });
    await policies.apply(policy.extAuth({ server: extAuth.service }), route);
    await apply(route);
    const rejections = rejectionsOf(controllerMetrics, own, rejected.routes);
    const isGuarded = async (): Promise<void> => {
      await denied(await own.get('/guarded', { host }), { ...policies.outcomes.extAuthDenied, before: echo });
      await reached(await own.get('/guarded', { host, headers }), echo);
    };

    await expect.eventually(guarded, isGuarded);

    const added = httpRoute('added').on(own).host(hostname('added'));
    await apply(added.rule({ pathRegex: sabotaged('routes-are-right') ? '/right' : '[', to: echo.service }));
    await expect.eventually(counted, () => rejections.are(1, 1));
    if (sabotaged('server-turns')) await extAuth.program({ always: 'allow' });
    await expect.consistently(stays, isGuarded);

    if (!sabotaged('proxy-stays')) {
      for (const { apiVersion, kind, metadata } of await proxies.pods(own)) {
        await kube.remove({ apiVersion, kind, name: metadata.name, namespace: own.namespace }, { wait: budgets.gateway, graceSeconds: 1 });
      }
    }
    await expect.eventually(restarted, () => rejections.are(1, 2), { within: budgets.gateway });
    await expect.consistently(closed, async () => unreached([await own.get('/guarded', { host })], echo));

    await apply(added.rule({ path: '/right', to: echo.service }));
    await expect.eventually(restored, isGuarded, { within: budgets.gateway });

    // The routes of a listener come apart from its filters, and are not rejected with them.
    const lateHost = hostname('late');
    const late = httpRoute('late').on(own).host(lateHost).rule({ to: echo.service });
    const pathPrefix = sabotaged('prefix-is-right') ? '/check' : 'without a slash';
    await apply(gatewayExtension('late', { extAuth: { httpService: { backendRef: extAuth.service, pathPrefix } } }));
    await apply(trafficPolicy('late', [late], { extAuth: { extensionRef: { name: 'late' } } }), late);
    await expect.eventually(listenerCounted, () => rejectionsOf(controllerMetrics, own, rejected.listeners).are(1, 1));
    await expect.consistently(notOpen, async () => unreached([await own.get('/', { host: lateHost })], echo));
  },
});
