// SPDX-License-Identifier: Apache-2.0
import type { Check } from '../../../harness/check/check.ts';
import { reached, unreached } from '../../../harness/check/matchers.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import { gateway as gatewayNamed } from '../../../fixtures/gateway-api/gateway.ts';
import { extensionRef, httpRoute, type HttpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';
import { rejected, rejectionsOf } from './rejections.ts';

const serves = 'a route of the Gateway serves before anything is rejected';
const counted = 'the controller counts one rejection of the type, and shows it as active';
const keepsServing = 'the route keeps serving with the last good configuration, and what is rejected is not served in part';
const unrelated = 'another Gateway takes new routes meanwhile';
const cleared = 'once it is right again, no rejection is active, and the count stays';
const loaded = 'once it is right again, the route that was rejected serves';

/** What goes onto the Gateway as `broken` or `sound`: the route `new` of the host, and what it needs. */
type Configuration = (broken: boolean, route: HttpRoute, echo: Resource) => readonly Resource[];

interface RejectedConfiguration {
  readonly id: string;
  readonly title: string;
  readonly priority: 'P0' | 'P1';
  readonly type: (typeof rejected)[keyof typeof rejected];
  readonly configuration: Configuration;
  readonly source: string;
  readonly needs?: readonly string[];
}

const to = (service: Resource) => ({ name: service.metadata.name, port: 8080 });

/** The rule names the policy: there is no moment in which the route is known and its policy is not. */
const withPolicy = (route: HttpRoute, echo: Resource, policy: Resource): readonly Resource[] => [
  policy,
  route.rule({ filters: [extensionRef(policy)], to: to(echo) }),
];

const rows: readonly RejectedConfiguration[] = [
  {
    id: 'nack-rds-regex',
    title: 'A route that the proxy rejects is counted, and the others of its Gateway keep serving',
    priority: 'P0',
    type: rejected.routes,
    configuration: (broken, route, echo) => [route.rule({ pathRegex: broken ? '[' : '/new.*', to: to(echo) })],
    source: 'pkg/kgateway/translator/irtranslator/route.go',
  },
  {
    id: 'nack-csrf-regex',
    title: 'An origin of CSRF protection that the proxy rejects is counted, and the other routes of its Gateway keep serving',
    priority: 'P1',
    type: rejected.routes,
    configuration: (broken, route, echo) =>
      withPolicy(
        route,
        echo,
        trafficPolicy('csrf', [], { csrf: { percentageEnabled: 100, additionalOrigins: [{ safeRegex: broken ? '[' : '.*[.]test' }] } }),
      ),
    source: 'pkg/kgateway/extensions2/plugins/trafficpolicy/csrf_policy.go',
  },
  {
    id: 'nack-bad-template',
    title: 'A template of a transformation that the proxy rejects is counted, and the other routes of its Gateway keep serving',
    priority: 'P1',
    type: rejected.routes,
    configuration: (broken, route, echo) => {
      const transformation = { request: { set: [{ name: 'x-set', value: broken ? '{{ unclosed' : 'sound' }] } };
      return withPolicy(route, echo, trafficPolicy('template', [], { transformation }));
    },
    source: 'pkg/kgateway/extensions2/plugins/trafficpolicy/transformation_plugin.go',
    needs: ['rust-module'],
  },
];

function checkOf({ id, title, priority, type, configuration, source, needs }: RejectedConfiguration): Check {
  return defineCheck({
    id,
    title,
    feature: 'xds.nack-metrics',
    priority,
    specification: [
      kgatewaySource('pkg/kgateway/setup/envoy_error.go'),
      kgatewaySource(source),
      envoyDocs('xDS: ACK/NACK and resource versioning', 'api-docs/xds_protocol'),
    ],
    requires: ['gateway', 'gateways', 'echo', 'controllerMetrics'],
    sabotages: [
      { name: 'sound-from-the-start', title: 'The configuration is sound', breaks: counted },
      { name: 'never-put-right', title: 'The configuration stays as it is', breaks: cleared },
    ],
    ...(needs === undefined ? {} : { needs }),
    async run({ apply, expect, hostname, sabotaged, gateway, gateways, echo, controllerMetrics }) {
      const [host, newHost, elsewhere] = [hostname(), hostname('new'), hostname('elsewhere')];
      const own = await gateways.own(gatewayNamed('nack').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
      await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
      const rejections = rejectionsOf(controllerMetrics, own, type);
      const service: Resource = { apiVersion: 'v1', kind: 'Service', metadata: { name: echo.service.name } };
      const put = (broken: boolean) => apply(...configuration(broken, httpRoute('new').on(own).host(newHost), service));
      const isServed = async (): Promise<void> => {
        await reached(await own.get('/', { host }), echo);
      };

      await expect.eventually(serves, isServed);

      await put(!sabotaged('sound-from-the-start'));
      await expect.eventually(counted, () => rejections.are(1, 1));
      await expect.consistently(keepsServing, async () => {
        await isServed();
        await unreached([await own.get('/new', { host: newHost })], echo);
      });

      await apply(httpRoute('elsewhere').on(gateway).host(elsewhere).rule({ to: echo.service }));
      await expect.eventually(unrelated, async () => {
        await reached(await gateway.get('/', { host: elsewhere }), echo);
      });

      if (!sabotaged('never-put-right')) await put(false);
      await expect.eventually(cleared, () => rejections.are(0, 1));
      await expect.eventually(loaded, async () => {
        await reached(await own.get('/new', { host: newHost }), echo);
      });
    },
  });
}

export default rows.map(checkOf);
