// SPDX-License-Identifier: Apache-2.0
import { redirectOf } from '../../../fixtures/browser/browser.ts';
import { logIn } from '../../../fixtures/openid/identity-provider.ts';
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, holds, reached, same } from '../../../harness/check/matchers.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource, openId } from '../../specification.ts';
import { anonymous, buildStage, endOf, sentToLogIn } from './oidc-stage.ts';

const loggedIn = 'a browser that logs in reaches the backend';
const logout = 'at the logout path the browser is told to forget its session, and is sent to the provider to end it there';
const gone = 'afterwards the browser is sent to log in again';
const ended = 'when it has been at the provider, the login there is a new one';

export default defineCheck({
  id: 'oidc-logout',
  title: 'Logging out ends the session at the gateway and at the provider',
  feature: 'authentication.oidc',
  specification: [
    openId('OpenID Connect RP-Initiated Logout', 'openid-connect-rpinitiated-1_0.html#RPLogout'),
    envoyDocs('OAuth2', 'configuration/http/http_filters/oauth2_filter'),
    kgatewaySource('api/v1alpha1/kgateway/oauth2.go'),
  ],
  requires: ['secureGateway', 'echo', 'oidc', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: anonymous },
    { name: 'another-path', title: 'The gateway’s logout path is another one', breaks: logout },
    { name: 'provider-not-visited', title: 'The browser does not go to the provider', breaks: ended },
  ],
  async run(context) {
    const { expect, sabotaged, echo, oidc, policies } = context;
    const logoutPath = '/bye';
    const stage = await buildStage(context, oidc, { policy: { logoutPath: sabotaged('another-path') ? '/elsewhere' : logoutPath } });
    const logins = async () => (await oidc.arrivals()).filter(({ path }) => path.startsWith('/login/')).length;

    let session = stage.browser();
    await expect.eventually(loggedIn, async () => {
      session = stage.browser();
      await reached(endOf(await logIn(session, oidc, stage.url())).exchange, echo);
    });
    const isOfSession = ({ name }: { readonly name: string }): boolean => policies.outcomes.oidcSessionCookies.test(name);
    const cookies = session.cookies(stage.url()).filter(isOfSession);

    let atProvider = new URL(oidc.issuer);
    await expect.now(logout, async () => {
      const visit = await session.visit(stage.url(logoutPath));
      await denied(visit.exchange, { status: 302, before: echo });
      atProvider = redirectOf(visit) ?? atProvider;
      same('address', `${atProvider.origin}${atProvider.pathname}`, oidc.endpoints.endSession);
      holds(cookies.length > 0, 'a session of cookies', 'none');
      const left = session.cookies(stage.url()).filter(isOfSession);
      // Deleted is a value or an expiry. The time at which the session would have ended may stay, for it lets nobody in.
      const meaningful = left.filter(({ value }) => value !== 'deleted' && !/^\d+$/.test(value));
      same('cookies left', meaningful.map(({ name }) => name.replace(/-.*/, '')).join(', '), '');
    });

    await expect.eventually(gone, async () => {
      await sentToLogIn(await session.visit(stage.url()), oidc, echo);
    });

    await expect.now(ended, async () => {
      const before = await logins();
      const page = sabotaged('provider-not-visited') ? undefined : endOf(await session.follow(atProvider.href));
      // A provider may ask first whether the person means it.
      if (page?.url.host === oidc.host) await session.follow(await session.submit(page), (next) => next.host === stage.host);
      await reached(endOf(await logIn(session, oidc, stage.url())).exchange, echo);
      same('logins at the provider', (await logins()) - before, 1);
    });
  },
});
