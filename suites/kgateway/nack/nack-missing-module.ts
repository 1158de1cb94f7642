// SPDX-License-Identifier: Apache-2.0
import { reached, unreached } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { extensionRef, httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { gatewayParameters } from '../../../fixtures/kgateway/gateway-parameters.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';
import { rejected, rejectionsOf } from './rejections.ts';

const serves = 'a route without a transformation serves';
const counted = 'the controller counts the rejection of the listener';
const skipped = 'no request reaches the backend by the route whose transformation the proxy cannot do';
const keepsServing = 'the route without a transformation keeps serving';

export default defineCheck({
  id: 'nack-missing-module',
  title: 'A proxy without the module for transformations rejects them, and serves no route without its transformation',
  feature: 'xds.nack-metrics',
  specification: [
    kgatewaySource('pkg/kgateway/setup/envoy_error.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/transformation_plugin.go'),
  ],
  requires: ['gateways', 'echo', 'controllerMetrics'],
  sabotages: [{ name: 'no-transformation', title: 'The route has no transformation', breaks: counted }],
  async run({ apply, expect, hostname, sabotaged, gateways, echo, controllerMetrics }) {
    const [host, transformedHost] = [hostname(), hostname('transformed')];
    // Where a build has the module, this hides it.
    const parameters = gatewayParameters('without-module', {
      kube: { envoyContainer: { env: [{ name: 'ENVOY_DYNAMIC_MODULES_SEARCH_PATH', value: '/nowhere' }] } },
    });
    await apply(parameters);
    const own = await gateways.own(gateway('nack').parameters(parameters).listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const isServed = async (): Promise<void> => {
      await reached(await own.get('/', { host }), echo);
    };
    await expect.eventually(serves, isServed);

    const transformed = httpRoute('transformed').on(own).host(transformedHost);
    const transformation = trafficPolicy('transformation', [], { transformation: { request: { set: [{ name: 'x-set', value: 'yes' }] } } });
    if (sabotaged('no-transformation')) {
      await apply(transformed.rule({ to: echo.service }));
    } else {
      // The rule names the policy: there is no moment in which the route is known and its policy is not.
      await apply(transformation, transformed.rule({ filters: [extensionRef(transformation)], to: echo.service }));
    }
    await expect.eventually(counted, () => rejectionsOf(controllerMetrics, own, rejected.listeners).are(1, 1));
    await expect.consistently(keepsServing, isServed);
    await expect.consistently(skipped, async () => unreached([await own.get('/', { host: transformedHost })], echo));
  },
});
