// SPDX-License-Identifier: Apache-2.0
import { certificateAuthority } from '../../../fixtures/certificates/authority.ts';
import { logIn, type IdentityProvider } from '../../../fixtures/openid/identity-provider.ts';
import { randomSecret } from '../../../fixtures/passwords/passwords.ts';
import { subjectLeftOut, type CheckContext, type Sabotage } from '../../../harness/check/check.ts';
import { holds, reached, same } from '../../../harness/check/matchers.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource, openId, rfc } from '../../specification.ts';
import { anonymous, buildStage, endOf, sentToLogIn, type StageContext } from './oidc-stage.ts';

const loggedIn = 'a browser that logs in reaches the backend, at the address that it first asked for';
const request = 'the provider is asked for a code, for this client and place, with a state and the challenge of PKCE';
const cookies = 'every cookie of the session is kept from scripts and from plain HTTP';

const sabotages: [Sabotage, ...Sabotage[]] = [
  { name: subjectLeftOut, title: 'The policy is left out', breaks: anonymous },
  { name: 'another-secret', title: 'The provider knows the gateway by another secret', breaks: loggedIn },
];

const shape = {
  feature: 'authentication.oidc',
  specification: [
    openId('OpenID Connect Core', 'openid-connect-core-1_0.html#CodeFlowAuth'),
    rfc(7636, '4.3'),
    envoyDocs('OAuth2', 'configuration/http/http_filters/oauth2_filter'),
    kgatewaySource('api/v1alpha1/kgateway/oauth2.go'),
  ],
  sabotages,
};

/** The same for every provider. */
async function login(context: CheckContext & StageContext, provider: IdentityProvider): Promise<void> {
  const { expect, sabotaged, echo } = context;
  const stage = await buildStage(context, provider, {
    ...(sabotaged('another-secret') && { secretAtProvider: randomSecret() }),
  });
  const deep = stage.url('/deep/page?of=mine&and=yours');

  let session = stage.browser();
  await expect.eventually(loggedIn, async () => {
    session = stage.browser();
    const end = endOf(await logIn(session, provider, deep));
    await reached(end.exchange, echo);
    same('address', end.url.href, deep);
  });

  await expect.now(request, async () => {
    const { searchParams: asked } = await sentToLogIn(await stage.browser().visit(deep), provider, echo);
    same('response_type', asked.get('response_type') ?? '', 'code');
    same('client_id', asked.get('client_id') ?? '', stage.client.id);
    same('redirect_uri', asked.get('redirect_uri') ?? '', stage.redirectUri);
    same('scope', asked.get('scope') ?? '', 'openid');
    same('code_challenge_method', asked.get('code_challenge_method') ?? '', 'S256');
    holds((asked.get('code_challenge') ?? '').length === 43, 'a code_challenge of 43 characters', asked.get('code_challenge') ?? 'none');
    holds((asked.get('state') ?? '') !== '', 'a state', 'none');
  });

  await expect.now(cookies, () => {
    const kept = session.cookies(stage.url());
    holds(kept.length > 0, 'cookies', 'none');
    for (const { name, secure, httpOnly } of kept) {
      same(`cookie ${name} secure`, secure, true);
      same(`cookie ${name} HttpOnly`, httpOnly, true);
    }
  });
}

export default [
  defineCheck({
    ...shape,
    id: 'oidc-login',
    title: 'A browser reaches the backend after a login at the provider, and not without',
    requires: ['secureGateway', 'echo', 'oidc', 'policies'],
    sabotages: [
      ...sabotages,
      {
        name: 'another-authority',
        title: 'The provider’s certificate is of an authority that the gateway does not trust',
        breaks: loggedIn,
      },
    ],
    async run(context) {
      const { oidc, sabotaged } = context;
      if (sabotaged('another-authority')) {
        const others = await certificateAuthority('others');
        await oidc.serveTls(await others.issue({ name: oidc.host, usage: 'server' }));
      }
      await login(context, oidc);
    },
  }),
  defineCheck({
    ...shape,
    id: 'oidc-login-keycloak',
    title: 'A browser reaches the backend after a login at Keycloak, and not without',
    priority: 'P1',
    requires: ['secureGateway', 'echo', 'keycloak', 'policies'],
    sabotages,
    run: (context) => login(context, context.keycloak),
  }),
];
