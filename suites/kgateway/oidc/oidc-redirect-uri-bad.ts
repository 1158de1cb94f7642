// SPDX-License-Identifier: Apache-2.0
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { logIn } from '../../../fixtures/openid/identity-provider.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { condition } from '../../../harness/check/conditions.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { defineCheck } from '../../define-check.ts';
import { endOf, prepareStage } from '../../portable/authentication/oidc-stage.ts';
import { kgatewaySource } from '../../specification.ts';

const closed = (uri: string) => `with the redirect URI ${uri} the route answers with an error, and the backend sees nothing`;
const pathless = 'https://<host>';
const schemeless = '<host>/oauth2/redirect';
const status = 'the route and the policy say what is wrong';
const recovered = 'with a redirect URI that has a path a browser logs in';

export default defineCheck({
  id: 'oidc-redirect-uri-bad',
  title: 'A login policy whose redirect URI leads nowhere closes the route',
  feature: 'authentication.oidc',
  priority: 'P1',
  specification: [kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/oauth2.go')],
  requires: ['secureGateway', 'echo', 'oidc', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: closed(pathless) },
    { name: 'good-from-the-start', title: 'The redirect URI has a path', breaks: closed(pathless) },
  ],
  async run(context) {
    const { apply, budgets, expect, kube, namespace, sabotaged, echo, oidc, policies } = context;
    const stage = await prepareStage(context, oidc);
    const withRedirect = (uri: string) =>
      policies.render(policy.oidc({ ...stage.intent, redirectUri: uri.replace('<host>', stage.host) }), stage.route);
    const { brokenPolicy } = policies.outcomes;
    const good = stage.redirectUri;
    await apply(stage.route);

    for (const uri of [pathless, schemeless]) {
      const rendered = withRedirect(sabotaged('good-from-the-start') ? good : uri);
      await apply(...rendered.supporting);
      await apply.subject(rendered.policy);
      await expect.eventually(closed(uri), async () =>
        denied((await stage.browser().visit(stage.url())).exchange, { ...brokenPolicy.answer, before: echo }),
      );
      await expect.eventually(
        `${status}: ${uri}`,
        async () => {
          condition(await kube.get(referenceTo(stage.route, namespace)), brokenPolicy.route.type, brokenPolicy.route);
          const message = 'invalid redirectURI';
          condition(await kube.get(referenceTo(rendered.policy, namespace)), brokenPolicy.policy.type, { ...brokenPolicy.policy, message });
        },
        { within: budgets.status, streak: 1 },
      );
    }

    await apply(...withRedirect(good).supporting);
    await expect.eventually(recovered, async () => {
      await reached(endOf(await logIn(stage.browser(), oidc, stage.url())).exchange, echo);
    });
  },
});
