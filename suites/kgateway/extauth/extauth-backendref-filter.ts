// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, holds, outcome, reached, unreached } from '../../../harness/check/matchers.ts';
import type { Exchange } from '../../../harness/probe/exchange.ts';
import { seconds } from '../../../harness/units.ts';
import { extensionRef, httpRoute, type HttpRouteFilter, type WeightedBackend } from '../../../fixtures/gateway-api/http-route.ts';
import { gatewayExtension } from '../../../fixtures/kgateway/gateway-extension.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const allowed = 'a request with the credential reaches the backend whose filter asks for it';
const anonymous = 'a request without the credential is denied by the filter of the only backend';
const split = 'of several backends only the one without a filter gets requests without the credential';
const broken = 'a request to a backend whose filter cannot be honoured gets an error and does not reach the backend';

const headers = { 'x-ext-authz': 'allow' };
/** Two equal backends: that all of these go to the same one is less likely than one in a million. */
const attempts = Array.from({ length: 20 });

export default defineCheck({
  id: 'extauth-backendref-filter',
  title: 'External authorization as the filter of a backend is enforced for that backend, also when it cannot be honoured',
  feature: 'validation.route-replacement',
  specification: [
    gatewayApi('HTTPRouteFilter: a filter that cannot be resolved must not be skipped', 'httproute_types.go'),
    kgatewaySource('pkg/krtcollections/policy.go'),
    kgatewaySource('pkg/kgateway/translator/irtranslator/route.go'),
  ],
  requires: ['gateway', 'echo', 'otherEcho', 'extAuth', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy of the filter is left out', breaks: anonymous },
    { name: 'other-backend-protected', title: 'The filter stands at the other one of several backends', breaks: split },
    { name: 'filters-left-out', title: 'The broken filters are left out', breaks: broken },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, otherEcho, extAuth, policies }) {
    const hosts = { single: hostname('single'), split: hostname('split'), provider: hostname('provider'), policy: hostname('policy') };
    const filter: readonly HttpRouteFilter[] = [extensionRef(trafficPolicy('guard', [], {}))];
    const [ofFirst, ofSecond] = sabotaged('other-backend-protected') ? [{}, { filters: filter }] : [{ filters: filter }, {}];
    const brokenFilter = (name: string) => (sabotaged('filters-left-out') ? {} : { filters: [extensionRef(trafficPolicy(name, [], {}))] });
    await apply(gatewayExtension('authz', { extAuth: { grpcService: { backendRef: extAuth.service } } }));
    await apply.subject(trafficPolicy('guard', [], { extAuth: { extensionRef: { name: 'authz' } } }));
    await apply(trafficPolicy('without-provider', [], { extAuth: { extensionRef: { name: 'nobody' } } }));
    const backends: Readonly<Record<keyof typeof hosts, readonly WeightedBackend[]>> = {
      single: [{ ...echo.service, filters: filter }],
      split: [
        { ...echo.service, ...ofFirst },
        { ...otherEcho.service, ...ofSecond },
      ],
      // The policy is there, but the provider that it names is not; or the policy itself is not there.
      provider: [{ ...echo.service, ...brokenFilter('without-provider') }],
      policy: [{ ...echo.service, ...brokenFilter('nobody') }],
    };
    for (const [name, to] of entries(backends)) await apply(httpRoute(name).on(gateway).host(hosts[name]).rule({ to }));
    const { extAuthDenied, brokenPolicy } = policies.outcomes;

    await expect.eventually(allowed, async () => {
      await reached(await gateway.get('/', { host: hosts.single, headers }), echo);
    });

    await expect.eventually(anonymous, async () =>
      denied(await gateway.get('/', { host: hosts.single }), { ...extAuthDenied, before: echo }),
    );

    await expect.eventually(
      split,
      async () => {
        const exchanges = await Promise.all(attempts.map(() => gateway.get('/', { host: hosts.split })));
        await unreached(exchanges, echo);
        const refused = exchanges.filter(({ response }) => response?.status === extAuthDenied.status);
        const passed = exchanges.filter(({ response }) => response?.status === 200);
        for (const exchange of passed) await reached(exchange, otherEcho);
        const both = refused.length > 0 && passed.length > 0 && refused.length + passed.length === exchanges.length;
        holds(both, 'denials and answers of the other backend', outcomes(exchanges));
      },
      { streak: 1 },
    );

    await expect.eventually(
      broken,
      async () => {
        for (const host of [hosts.provider, hosts.policy]) {
          await denied(await gateway.get('/', { host }), { status: brokenPolicy.answer.status, before: echo });
        }
      },
      // The other routes, made with these, have been served for a while.
      { within: seconds(5) },
    );
  },
});

const entries = <Key extends string, Value>(record: Readonly<Record<Key, Value>>) => Object.entries(record) as [Key, Value][];

const outcomes = (exchanges: readonly Exchange[]): string => [...new Set(exchanges.map(outcome))].sort().join(' and ');
