// SPDX-License-Identifier: Apache-2.0
import { logIn } from '../../../fixtures/openid/identity-provider.ts';
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { reached, same } from '../../../harness/check/matchers.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';
import { anonymous, buildStage, endOf, sentToLogIn } from './oidc-stage.ts';

const loggedIn = 'a browser that logs in reaches the backend';
const asked = 'for one login the provider is asked for one code and for tokens once';
const again = 'the same browser reaches the backend again and again, at other paths too, and the provider is not asked';
const another = 'another browser is sent to the provider';

export default defineCheck({
  id: 'oidc-second-request',
  title: 'A session lasts: a browser that is logged in passes without another login',
  feature: 'authentication.oidc',
  specification: [envoyDocs('OAuth2', 'configuration/http/http_filters/oauth2_filter'), kgatewaySource('test/e2e/features/oauth/suite.go')],
  requires: ['secureGateway', 'echo', 'oidc', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: anonymous },
    { name: 'cookies-forgotten', title: 'The browser forgets its cookies', breaks: again },
  ],
  async run(context) {
    const { expect, sabotaged, echo, oidc } = context;
    const stage = await buildStage(context, oidc);
    const calls = async () => ({ authorization: await oidc.calls('authorization'), token: await oidc.calls('token') });

    let session = stage.browser();
    await expect.eventually(loggedIn, async () => {
      session = stage.browser();
      await reached(endOf(await logIn(session, oidc, stage.url())).exchange, echo);
    });

    const before = await calls();
    await expect.eventually(
      asked,
      async () => {
        session = stage.browser();
        const earlier = await calls();
        await reached(endOf(await logIn(session, oidc, stage.url())).exchange, echo);
        const later = await calls();
        same('calls of the authorization endpoint', later.authorization - earlier.authorization, 1);
        same('calls of the token endpoint', later.token - earlier.token, 1);
      },
      { streak: 1 },
    );

    const after = await calls();
    if (sabotaged('cookies-forgotten')) session = stage.browser();
    await expect.consistently(again, async () => {
      await reached((await session.visit(stage.url('/other?a=b'))).exchange, echo);
      same('calls of the token endpoint', await oidc.calls('token'), after.token);
    });

    await expect.now(another, async () => {
      same('logins at all', after.token > before.token, true);
      await sentToLogIn(await stage.browser().visit(stage.url()), oidc, echo);
    });
  },
});
