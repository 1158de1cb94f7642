// SPDX-License-Identifier: Apache-2.0
import type { KeptCookie } from '../../../fixtures/browser/browser.ts';
import { logIn } from '../../../fixtures/openid/identity-provider.ts';
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { holds, reached, same } from '../../../harness/check/matchers.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';
import { anonymous, buildStage, endOf } from './oidc-stage.ts';

const names = 'the tokens are in cookies of the configured names';
const sameSite = 'every cookie of the session has the configured SameSite attribute';
const domain = 'the cookies of the tokens are those of the configured domain';
const plain = 'the cookies of a policy that says nothing are of one host only';

export default defineCheck({
  id: 'oidc-samesite-domain-names',
  title: 'Cookies of a session have the names, domain and SameSite attribute that the policy says',
  feature: 'authentication.oidc',
  priority: 'P1',
  specification: [
    envoyDocs('OAuth2: cookie_configs', 'api-v3/extensions/filters/http/oauth2/v3/oauth.proto'),
    kgatewaySource('api/v1alpha1/kgateway/oauth2.go'),
  ],
  requires: ['secureGateway', 'echo', 'oidc', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: `${anonymous} (shaped)` },
    { name: 'lax', title: 'The policy says Lax', breaks: sameSite },
    { name: 'no-domain', title: 'The policy says no domain', breaks: domain },
  ],
  async run(context) {
    const { expect, sabotaged, echo, oidc, policies, hostname } = context;
    const cookies = {
      sameSite: sabotaged('lax') ? ('Lax' as const) : ('Strict' as const),
      ...(!sabotaged('no-domain') && { domain: hostname() }),
      accessTokenName: 'my-access',
      idTokenName: 'my-id',
    };
    const shaped = await buildStage(context, oidc, { label: 'shaped', policy: { cookies } });
    const bare = await buildStage(context, oidc, { label: 'bare' });
    await oidc.knows(shaped.client, bare.client);

    let kept: readonly KeptCookie[] = [];
    const find = (name: string) => kept.find((cookie) => cookie.name === name);
    await expect.eventually(names, async () => {
      const session = shaped.browser();
      await reached(endOf(await logIn(session, oidc, shaped.url())).exchange, echo);
      kept = session.cookies(shaped.url());
      holds(find('my-access') !== undefined, 'a cookie my-access', 'none');
      holds(find('my-id') !== undefined, 'a cookie my-id', 'none');
    });

    await expect.now(sameSite, () => {
      for (const { name, sameSite: seen } of kept) same(`SameSite of ${name}`, seen, 'strict');
    });

    await expect.now(domain, () => {
      for (const name of ['my-access', 'my-id']) same(`domain of ${name}`, find(name)?.domain, hostname());
    });

    await expect.eventually(plain, async () => {
      const session = bare.browser();
      await reached(endOf(await logIn(session, oidc, bare.url())).exchange, echo);
      const own = session.cookies(bare.url()).filter(({ name }) => policies.outcomes.oidcSessionCookies.test(name));
      holds(own.length > 1, 'a session of several cookies', `${own.length} of them`);
      same('cookies of a domain', own.filter(({ domain: of }) => of !== undefined).length, 0);
    });
  },
});
