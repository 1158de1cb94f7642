// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { holds, status } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { notAdmitted } from '../../admission.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, gep, kgatewaySource } from '../../specification.ts';

const inherited = 'a route without retries of its own has those of the listener’s policy';
const overridden = 'a route with a policy of its own has that one’s instead';
const standard = 'a rule with the standard’s own retries has those instead';
const disabled = 'a route whose policy states 0 attempts is not retried';
const admission = 'retries for a whole Gateway, and tries as long as the request, are refused when they are applied';

export default defineCheck({
  id: 'retry-levels',
  title: 'Retries of a rule come before those of its route, and those before the listener’s',
  feature: 'traffic.retries',
  priority: 'P1',
  specification: [
    gep(1731),
    gatewayApi('HTTPRouteRetry', 'httproute_types.go'),
    kgatewaySource('api/v1alpha1/kgateway/traffic_policy_types.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/traffic_policy_plugin.go'),
  ],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: inherited },
    { name: 'no-policy-of-its-own', title: 'The route has no policy of its own', breaks: overridden },
    { name: 'rule-says-nothing', title: 'The rule states no retries', breaks: standard },
    { name: 'nothing-disabled', title: 'The policy with 0 attempts is left out', breaks: disabled },
    { name: 'section-named', title: 'The policy for the Gateway names a listener', breaks: admission },
  ],
  async run(context) {
    const { apply, expect, hostname, sabotaged, gateways, echo } = context;
    const own = await gateways.own(gateway('retrying').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const listener = { resource: own.resource, sectionName: 'http' };
    const to = echo.service;
    const route = (name: string) => httpRoute(name).on(own).host(hostname(name));
    const routes = { plain: route('plain').rule({ to }), mine: route('mine').rule({ to }), off: route('off').rule({ to }) };
    const retry = (attempts: number) => ({ retry: { attempts, statusCodes: [503] } });
    await echo.program({ status: 503 });
    await apply.subject(
      trafficPolicy('listener', [listener], retry(2)),
      ...(sabotaged('no-policy-of-its-own') ? [] : [trafficPolicy('mine', [routes.mine], retry(3))]),
      ...(sabotaged('nothing-disabled') ? [] : [trafficPolicy('off', [routes.off], retry(0))]),
    );
    const standardRetry = sabotaged('rule-says-nothing') ? {} : { retry: { codes: [503], attempts: 1 } };
    await apply(routes.plain, routes.mine, routes.off, route('standard').rule({ ...standardRetry, to }));
    const retried = async (name: string, times: number) => {
      const exchange = await own.get('/', { host: hostname(name), freshConnection: true });
      status(exchange, 503);
      const arrivals = await echo.arrivals(exchange.id);
      holds(arrivals.length === 1 + times, `${1 + times} arrivals at ${echo.name}`, `${arrivals.length} arrivals`, exchange);
    };

    await expect.eventually(inherited, () => retried('plain', 2));
    await expect.eventually(overridden, () => retried('mine', 3));
    await expect.eventually(standard, () => retried('standard', 1));
    await expect.eventually(disabled, () => retried('off', 0));

    await expect.now(admission, async () => {
      const whole = trafficPolicy('whole', [sabotaged('section-named') ? listener : own.resource], retry(2));
      await notAdmitted(context, whole, 'sectionName must be set when targeting Gateway resources with retry policy');
      const long = { retry: { attempts: 1, perTryTimeout: '2s', statusCodes: [503] }, timeouts: { request: '2s' } };
      await notAdmitted(context, trafficPolicy('long', [routes.plain], long), 'retry.perTryTimeout must be less than timeouts.request');
    });
  },
});
