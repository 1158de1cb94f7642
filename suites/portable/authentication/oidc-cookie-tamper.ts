// SPDX-License-Identifier: Apache-2.0
import { logIn } from '../../../fixtures/openid/identity-provider.ts';
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { holds, reached } from '../../../harness/check/matchers.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';
import { anonymous, buildStage, endOf, sentToLogIn } from './oidc-stage.ts';

const loggedIn = 'a browser that logs in reaches the backend';
const changed = 'a browser with one cookie of its session changed is sent to log in, whichever it is';
const missing = 'a browser with one cookie of its session missing is sent to log in, whichever it is';
const untouched = 'the browser whose cookies were left alone still reaches the backend';

export default defineCheck({
  id: 'oidc-cookie-tamper',
  title: 'A session of which anything was changed is none',
  feature: 'authentication.oidc',
  specification: [
    envoyDocs('OAuth2', 'configuration/http/http_filters/oauth2_filter'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/oauth2.go'),
  ],
  requires: ['secureGateway', 'echo', 'oidc', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: anonymous },
    { name: 'nothing-changed', title: 'The cookies are left alone', breaks: changed },
  ],
  async run(context) {
    const { expect, sabotaged, echo, oidc, policies } = context;
    // With a refresh token the gateway may ask the provider for a new session, and it is the provider who decides.
    await oidc.behave({ refreshTokens: false });
    const stage = await buildStage(context, oidc);
    const at = stage.url();

    let session = stage.browser();
    await expect.eventually(loggedIn, async () => {
      session = stage.browser();
      await reached(endOf(await logIn(session, oidc, at)).exchange, echo);
    });

    const cookies = () => {
      const ofSession = session.cookies(at).filter(({ name }) => policies.outcomes.oidcSessionCookies.test(name));
      holds(ofSession.length > 1, 'a session of several cookies', `${ofSession.length} of them`);
      return ofSession;
    };

    await expect.now(changed, async () => {
      for (const { name, value } of cookies()) {
        const forger = session.copy();
        if (!sabotaged('nothing-changed')) forger.tamper(at, name, forged(value));
        await sentToLogIn(await forger.visit(at), oidc, echo);
      }
    });

    await expect.now(missing, async () => {
      for (const { name } of cookies()) {
        const forger = session.copy();
        forger.tamper(at, name, undefined);
        await sentToLogIn(await forger.visit(at), oidc, echo);
      }
    });

    await expect.now(untouched, async () => {
      await reached((await session.visit(at)).exchange, echo);
    });
  },
});

/** A value that looks like the true one: a later time in place of a time, another letter in the middle of what looks random. */
function forged(value: string): string {
  if (/^\d+$/.test(value)) return String(Number(value) + 86_400);
  const middle = Math.floor(value.length / 2);
  const other = value[middle] === 'A' ? 'B' : 'A';
  return `${value.slice(0, middle)}${other}${value.slice(middle + 1)}`;
}
