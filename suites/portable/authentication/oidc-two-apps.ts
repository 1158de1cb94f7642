// SPDX-License-Identifier: Apache-2.0
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { logIn } from '../../../fixtures/openid/identity-provider.ts';
import { reached, same } from '../../../harness/check/matchers.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';
import { endOf, prepareStage, sentToLogIn } from './oidc-stage.ts';

const separate = 'a browser that logged in to one application has to log in to the other as well';
const both = 'logged in to both, it reaches both, and no cookie of one took the place of the other’s';
const oneLeft = 'logged out of one, it still reaches the other, and not the one';

export default defineCheck({
  id: 'oidc-two-apps',
  title: 'Two applications on one host have sessions of their own',
  feature: 'authentication.oidc',
  priority: 'P1',
  specification: [
    kgatewaySource('test/e2e/features/oauth/testdata/route-2.yaml'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/oauth2.go'),
  ],
  requires: ['secureGateway', 'echo', 'oidc', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: separate },
    { name: 'not-logged-out', title: 'The browser does not log out', breaks: oneLeft },
  ],
  async run(context) {
    const { apply, expect, sabotaged, echo, oidc, policies, secureGateway } = context;
    const stage = await prepareStage(context, oidc);
    const second = { redirectUri: stage.url('/second/redirect'), logoutPath: '/second/logout' };
    const client = { ...stage.client, id: 'gauntlet-second', redirectUris: [second.redirectUri] };
    await oidc.knows(stage.client, client);
    const route = httpRoute('second').on(secureGateway).host(stage.host).rule({ path: '/second', to: echo.service });
    await policies.apply(stage.intent, stage.route);
    await policies.apply(policy.oidc({ ...stage.intent, client, ...second }), route, 'second');
    await apply(stage.route, route);

    const [firstUrl, secondUrl] = [stage.url('/'), stage.url('/second/page')];
    const logsIn = async (session: ReturnType<typeof stage.browser>, url: string) => {
      await reached(endOf(await logIn(session, oidc, url)).exchange, echo);
    };

    await expect.eventually(separate, async () => {
      const session = stage.browser();
      await sentToLogIn(await session.visit(firstUrl), oidc, echo);
      await logsIn(session, firstUrl);
      await sentToLogIn(await session.visit(secondUrl), oidc, echo);
    });

    const session = stage.browser();
    await expect.eventually(both, async () => {
      await logsIn(session, firstUrl);
      await logsIn(session, secondUrl);
      await reached((await session.visit(firstUrl)).exchange, echo);
      await reached((await session.visit(secondUrl)).exchange, echo);
    });

    await expect.now(oneLeft, async () => {
      if (!sabotaged('not-logged-out')) same('logout', (await session.visit(stage.url(second.logoutPath))).exchange.response?.status, 302);
      await sentToLogIn(await session.visit(secondUrl), oidc, echo);
      await reached((await session.visit(firstUrl)).exchange, echo);
    });
  },
});
