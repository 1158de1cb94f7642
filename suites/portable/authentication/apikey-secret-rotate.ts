// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached, same } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { randomSecret } from '../../../fixtures/passwords/passwords.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const before = 'a request with a key of the Secret reaches the backend';
const notYet = 'a request with the key to come is denied before the backend sees it';
const added = 'once the Secret is changed, a request with the new key reaches the backend';
const removed = 'a request with the key that was removed is denied before the backend sees it';
const kept = 'a request with a key that stayed reaches the backend';
const sameProxies = 'the proxies are the same as before, and were not restarted';

export default defineCheck({
  id: 'apikey-secret-rotate',
  title: 'Keys are added and removed while the gateway serves',
  feature: 'authentication.api-key',
  specification: [kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/api_key_auth.go')],
  requires: ['gateway', 'echo', 'policies', 'proxies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: notYet },
    { name: 'secret-not-changed', title: 'The Secret stays as it is', breaks: added },
    { name: 'old-key-stays', title: 'The old key stays in the Secret', breaks: removed },
    { name: 'every-key-replaced', title: 'The key that should stay is replaced as well', breaks: kept },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, policies, proxies }) {
    const host = hostname();
    const [old, fresh, lasting] = [randomSecret(), randomSecret(), randomSecret()];
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    const { sources, carrying } = policies.apiKeyPlace;
    const intent = policy.apiKey({ keys: { alice: old, bob: lasting }, sources });
    await policies.apply(intent, route);
    await apply(route);
    const refused = { ...policies.outcomes.apiKeyWrong, before: echo };
    const send = (key: string) => gateway.get('/', { host, headers: carrying(key) });
    const passes = async (key: string) => {
      await reached(await send(key), echo);
    };
    const proxiesNow = async () => JSON.stringify((await proxies.pods(gateway)).map(lifeOf));

    await expect.eventually(before, () => passes(old));
    await expect.eventually(notYet, async () => denied(await send(fresh), refused));
    const proxiesBefore = await proxiesNow();

    const keys = {
      ...(sabotaged('old-key-stays') ? { alice: old, alice2: fresh } : { alice: fresh }),
      bob: sabotaged('every-key-replaced') ? randomSecret() : lasting,
    };
    if (!sabotaged('secret-not-changed')) await apply(...policies.render({ ...intent, keys }, route).supporting);
    await expect.eventually(added, () => passes(fresh));
    await expect.eventually(removed, async () => denied(await send(old), refused));
    await expect.eventually(kept, () => passes(lasting));
    await expect.now(sameProxies, async () => same('proxies', await proxiesNow(), proxiesBefore));
  },
});

/** Who a pod is, and how often its containers started. */
function lifeOf({ metadata, ...pod }: { readonly metadata: { readonly uid?: string }; readonly [field: string]: unknown }): unknown {
  const { containerStatuses = [] } = pod['status'] as { readonly containerStatuses?: readonly { readonly restartCount: number }[] };
  return [metadata.uid, containerStatuses.map((container) => container.restartCount)];
}
