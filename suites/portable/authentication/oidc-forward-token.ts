// SPDX-License-Identifier: Apache-2.0
import { logIn } from '../../../fixtures/openid/identity-provider.ts';
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { absent, header, holds, reached, same } from '../../../harness/check/matchers.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';
import { anonymous, buildStage, endOf } from './oidc-stage.ts';

const forwarded = 'the backend gets the access token that the provider gave, in place of what the client claims';
const kept = 'without forwarding, the backend gets the client’s own Authorization header, and none if it sent none';

export default defineCheck({
  id: 'oidc-forward-token',
  title: 'The backend gets the access token if it shall, and only then',
  feature: 'authentication.oidc',
  priority: 'P1',
  specification: [
    envoyDocs('OAuth2: forward_bearer_token', 'api-v3/extensions/filters/http/oauth2/v3/oauth.proto'),
    kgatewaySource('api/v1alpha1/kgateway/oauth2.go'),
  ],
  requires: ['secureGateway', 'echo', 'oidc', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: `${anonymous} (forwarding)` },
    { name: 'settings-swapped', title: 'Each route has the setting of the other', breaks: forwarded },
  ],
  async run(context) {
    const { expect, sabotaged, echo, oidc } = context;
    const swapped = sabotaged('settings-swapped');
    const forwarding = await buildStage(context, oidc, { label: 'forwarding', policy: { forwardAccessToken: !swapped } });
    const plain = await buildStage(context, oidc, { label: 'plain', policy: swapped ? { forwardAccessToken: true } : {} });
    await oidc.knows(forwarding.client, plain.client);

    await expect.eventually(forwarded, async () => {
      const session = forwarding.browser();
      const first = await reached(endOf(await logIn(session, oidc, forwarding.url())).exchange, echo);
      const [authorization = ''] = first.headers['authorization'] ?? [];
      header(first, 'authorization', /^Bearer .{20,}$/);
      // Whose token it is, the provider knows.
      same('a token of the provider', await oidc.isActive(authorization.replace('Bearer ', ''), forwarding.client), true);
      const claim = await session.visit(forwarding.url(), { headers: { authorization: 'Bearer mallory' } });
      header(await reached(claim.exchange, echo), 'authorization', authorization);
    });

    await expect.eventually(kept, async () => {
      const session = plain.browser();
      const first = await reached(endOf(await logIn(session, oidc, plain.url())).exchange, echo);
      header(first, 'authorization', absent);
      const own = await session.visit(plain.url(), { headers: { authorization: 'Basic YWxpY2U6eA==' } });
      header(await reached(own.exchange, echo), 'authorization', 'Basic YWxpY2U6eA==');
      holds(session.cookies(plain.url()).length > 0, 'a session', 'none');
    });
  },
});
