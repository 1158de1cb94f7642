// SPDX-License-Identifier: Apache-2.0
import type { AdsAnswer } from '../../../fixtures/ads/ads-client.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import type { LiveGateway } from '../../../fixtures/gateways.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { askKgateway, xdsAudience } from '../../../fixtures/kgateway/xds.ts';
import { holds, same } from '../../../harness/check/matchers.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const own = 'with its own token, a proxy gets its own listener and routes';
const noToken = 'without a token the stream is refused';
const otherAudience = 'with a token for another audience the stream is refused';
const notAToken = 'with a text that is no token the stream is refused';
const onlyOwn = 'a proxy that says that it is another one gets its own configuration, and nothing of the other';
const noProxy = 'with a token of an account that is no Gateway’s, nothing of a Gateway comes back';

/** kgateway calls the routes of a port as it calls its listener. */
const routeNames = ['listener~8080'];

export default defineCheck({
  id: 'boot-xds-auth',
  title: 'The controller gives a proxy its own configuration only, by the token that it shows and not by what it says',
  feature: 'gateway.xds-security',
  specification: [
    kgatewaySource('pkg/kgateway/setup/authn.go'),
    kgatewaySource('pkg/krtcollections/uniqueclients.go'),
    envoyDocs('xDS REST and gRPC protocol', 'api-docs/xds_protocol'),
  ],
  requires: ['gateway', 'gateways', 'echo', 'proxies'],
  sabotages: [
    { name: 'token-shown', title: 'The client without a token shows one', breaks: noToken },
    { name: 'audience-right', title: 'The token is for the right audience', breaks: otherAudience },
    { name: 'token-of-the-other', title: 'The token is the other proxy’s', breaks: onlyOwn },
  ],
  async run(context) {
    const { apply, expect, hostname, kube, namespace, sabotaged, gateway: other, gateways, echo, proxies } = context;
    const [mineHost, otherHost] = [hostname('mine'), hostname('other')];
    const mine = await gateways.own(gateway('mine').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    await apply(
      httpRoute('mine').on(mine).host(mineHost).rule({ to: echo.service }),
      httpRoute('other').on(other).host(otherHost).rule({ to: echo.service }),
    );
    const podOf = async (of: LiveGateway): Promise<string> => {
      const [pod] = await proxies.pods(of);
      holds(pod !== undefined, `a proxy pod of ${of.name}`, 'none');
      return pod.metadata.name;
    };
    const tokenOf = async (account: LiveGateway, audience = xdsAudience): Promise<string> =>
      kube.token({ namespace: account.namespace, name: account.name }, { audience, pod: await podOf(account) });
    const ask = async (token: string | undefined, claimed: LiveGateway, type: 'listeners' | 'routes' = 'listeners'): Promise<AdsAnswer> =>
      askKgateway(
        context,
        { pod: await podOf(claimed), gateway: claimed },
        { type, ...(token === undefined ? {} : { token }), ...(type === 'routes' ? { names: routeNames } : {}) },
      );
    const refused = ({ refused: isRefused, outcome, resources }: AdsAnswer): void => {
      holds(isRefused && resources.length === 0, 'a refused stream', outcome);
    };
    const hosts = ({ resources }: AdsAnswer): string =>
      [mineHost, otherHost].filter((host) => resources.some((resource) => resource.includes(host))).join();

    const token = await tokenOf(mine);
    await expect.eventually(own, async () => {
      same('outcome', (await ask(token, mine)).outcome, 'resources');
      same('hosts of the routes', hosts(await ask(token, mine, 'routes')), mineHost);
    });

    await expect.now(noToken, async () => refused(await ask(sabotaged('token-shown') ? token : undefined, mine)));
    const foreign = await tokenOf(mine, sabotaged('audience-right') ? xdsAudience : 'https://kubernetes.default.svc');
    await expect.now(otherAudience, async () => refused(await ask(foreign, mine)));
    await expect.now(notAToken, async () => refused(await ask('x.y.z', mine)));

    const shown = sabotaged('token-of-the-other') ? await tokenOf(other) : token;
    await expect.now(onlyOwn, async () => same('hosts of the routes', hosts(await ask(shown, other, 'routes')), mineHost));

    const stranger = await kube.token({ namespace, name: 'default' }, { audience: xdsAudience });
    await expect.now(noProxy, async () => same('hosts of the routes', hosts(await ask(stranger, other, 'routes')), ''));
  },
});
