// SPDX-License-Identifier: Apache-2.0
import { logIn } from '../../../fixtures/openid/identity-provider.ts';
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { absent, denied, header, reached } from '../../../harness/check/matchers.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';
import { anonymous, buildStage, endOf, sentToLogIn } from './oidc-stage.ts';

const loggedIn = 'a browser that logs in reaches the backend, with the header too';
const script = 'a script without a session is refused instead of being sent to the provider';
const person = 'a person without a session is sent to the provider, with another value of the header too';

const headers = { 'x-requested-with': 'XMLHttpRequest' };

export default defineCheck({
  id: 'oidc-deny-redirect',
  title: 'Requests that cannot follow a login are refused instead of being sent to one',
  feature: 'authentication.oidc',
  specification: [
    envoyDocs('OAuth2: deny_redirect_matcher', 'api-v3/extensions/filters/http/oauth2/v3/oauth.proto'),
    kgatewaySource('api/v1alpha1/kgateway/oauth2.go'),
  ],
  requires: ['secureGateway', 'echo', 'oidc', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: anonymous },
    { name: 'another-header', title: 'The policy looks at another header', breaks: script },
  ],
  async run(context) {
    const { expect, sabotaged, echo, oidc, policies } = context;
    const name = sabotaged('another-header') ? 'x-other' : 'x-requested-with';
    const stage = await buildStage(context, oidc, { policy: { denyRedirect: { header: name, equals: 'XMLHttpRequest' } } });

    await expect.eventually(loggedIn, async () => {
      const session = stage.browser();
      await reached(endOf(await logIn(session, oidc, stage.url())).exchange, echo);
      await reached((await session.visit(stage.url(), { headers })).exchange, echo);
    });

    await expect.eventually(script, async () => {
      const { exchange } = await stage.browser().visit(stage.url(), { headers });
      await denied(exchange, { ...policies.outcomes.oidcRefused, before: echo });
      header(exchange, 'location', absent);
    });

    await expect.eventually(person, async () => {
      await sentToLogIn(await stage.browser().visit(stage.url()), oidc, echo);
      await sentToLogIn(await stage.browser().visit(stage.url(), { headers: { 'x-requested-with': 'curl' } }), oidc, echo);
    });
  },
});
