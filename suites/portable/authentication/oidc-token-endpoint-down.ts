// SPDX-License-Identifier: Apache-2.0
import { logIn } from '../../../fixtures/openid/identity-provider.ts';
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, holds, reached, same } from '../../../harness/check/matchers.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource, rfc } from '../../specification.ts';
import { anonymous, buildStage, callbackPath, endOf } from './oidc-stage.ts';

const loggedIn = 'a browser that logs in reaches the backend';
const refused = (how: string) => `while the token endpoint ${how}, a browser that comes back is refused and gets no session`;
const fails = refused('fails');
const back = 'once the token endpoint is back, a browser that logs in reaches the backend';

export default defineCheck({
  id: 'oidc-token-endpoint-down',
  title: 'Nobody gets a session while the provider gives no tokens',
  feature: 'authentication.oidc',
  priority: 'P1',
  specification: [
    rfc(6749, '5.2'),
    envoyDocs('OAuth2', 'configuration/http/http_filters/oauth2_filter'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/oauth2.go'),
  ],
  requires: ['secureGateway', 'echo', 'oidc', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: anonymous },
    { name: 'endpoint-works', title: 'The token endpoint works', breaks: fails },
  ],
  async run(context) {
    const { expect, sabotaged, echo, oidc, policies } = context;
    const stage = await buildStage(context, oidc);

    const logsIn = async () => {
      await reached(endOf(await logIn(stage.browser(), oidc, stage.url())).exchange, echo);
    };
    /** Comes back from the provider with a good code, after `before` has happened. */
    const comesBack = async (before: () => Promise<void>) => {
      const browser = stage.browser();
      let callback = new URL(stage.url());
      await browser.follow(stage.url(), (next) => {
        if (next.pathname === callbackPath) callback = next;
        return next.pathname === callbackPath;
      });
      await before();
      await denied((await browser.visit(callback)).exchange, { ...policies.outcomes.oidcRefused, before: echo });
      const session = browser
        .cookies(stage.url())
        .filter(({ name, value }) => policies.outcomes.oidcSessionCookies.test(name) && value !== 'deleted');
      same('cookies of a session', session.length, 0);
    };

    await expect.eventually(loggedIn, logsIn);

    if (!sabotaged('endpoint-works')) await oidc.behave({ answers: { token: { status: 500 } } });
    await expect.now(fails, () => comesBack(() => Promise.resolve()));
    await oidc.behave({});

    await expect.now(refused('cannot be reached'), () => comesBack(() => oidc.fault('refuse')));
    await oidc.fault('none');

    await expect.now(refused('breaks off'), () => comesBack(() => oidc.fault('reset')));
    await oidc.fault('none');

    await expect.eventually(back, async () => {
      const before = await oidc.calls('token');
      await logsIn();
      holds((await oidc.calls('token')) > before, 'a call of the token endpoint', 'none');
    });
  },
});
