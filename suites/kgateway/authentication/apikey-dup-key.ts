// SPDX-License-Identifier: Apache-2.0
import { denied, holds, reached } from '../../../harness/check/matchers.ts';
import { secret } from '../../../fixtures/core/core.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { randomSecret } from '../../../fixtures/passwords/passwords.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const first = 'a request with the key of the one client reaches the backend, and one without is denied';
const counted = 'with the same key for two clients, the controller counts a rejection of the routes';
const unchanged = 'the proxy goes on with its last good routes: the key passes, and nothing else does';
const recovered = 'once the keys differ again, the second client’s key passes and a stranger’s does not';

export default defineCheck({
  id: 'apikey-dup-key',
  title: 'The same key for two clients is rejected by the proxy, and opens nothing',
  feature: 'authentication.api-key',
  priority: 'P1',
  specification: [
    envoyDocs('API key auth: credentials', 'api-v3/extensions/filters/http/api_key_auth/v3/api_key_auth.proto'),
    kgatewaySource('pkg/kgateway/setup/envoy_error.go'),
  ],
  requires: ['gateways', 'echo', 'controllerMetrics', 'policies'],
  sabotages: [
    { name: 'policy-left-out', title: 'The policy is left out', breaks: first },
    { name: 'keys-differ', title: 'The second client has a key of its own', breaks: counted },
    { name: 'keys-stay-alike', title: 'The keys stay the same', breaks: recovered },
  ],
  async run({ apply, expect, hostname, namespace, sabotaged, gateways, echo, controllerMetrics, policies }) {
    const host = hostname();
    const [key, other] = [randomSecret(), randomSecret()];
    // A rejected route table stops every route of its listener, so that it has to be a Gateway of the check's own.
    const own = await gateways.own(gateway('edge').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const route = httpRoute('app').on(own).host(host).rule({ to: echo.service });
    if (!sabotaged('policy-left-out')) await apply(trafficPolicy('keys', [route], { apiKeyAuth: { secretRef: { name: 'keys' } } }));
    await apply(secret('keys', { alice: key }), route);
    const { apiKeyMissing, apiKeyWrong } = policies.outcomes;
    const send = (value?: string) => own.get('/', { host, headers: value === undefined ? {} : { 'api-key': value } });
    const only = async (...keys: readonly string[]) => {
      for (const one of keys) await reached(await send(one), echo);
      await denied(await send(), { ...apiKeyMissing, before: echo });
      await denied(await send(randomSecret()), { ...apiKeyWrong, before: echo });
    };
    const labels = {
      gateway_namespace: namespace,
      gateway_name: own.name,
      type_url: 'envoy.config.route.v3.RouteConfiguration',
    };

    await expect.eventually(first, () => only(key));

    await apply(secret('keys', { alice: key, bob: sabotaged('keys-differ') ? other : key }));
    await expect.eventually(counted, async () => {
      const rejections = await controllerMetrics.sum('kgateway_envoy_xds_rejects_total', labels);
      holds(rejections > 0, 'a rejection', String(rejections));
    });
    await expect.consistently(unchanged, () => only(key));

    if (!sabotaged('keys-stay-alike')) await apply(secret('keys', { alice: key, bob: other }));
    await expect.eventually(recovered, () => only(key, other));
  },
});
