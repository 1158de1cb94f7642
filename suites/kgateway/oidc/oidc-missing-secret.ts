// SPDX-License-Identifier: Apache-2.0
import { secret } from '../../../fixtures/core/core.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { logIn } from '../../../fixtures/openid/identity-provider.ts';
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { condition } from '../../../harness/check/conditions.ts';
import { denied, holds, reached } from '../../../harness/check/matchers.ts';
import { defineCheck } from '../../define-check.ts';
import { endOf, prepareStage, sentToLogIn } from '../../portable/authentication/oidc-stage.ts';
import { kgatewaySource } from '../../specification.ts';

const sibling = 'a route without the policy is served';
const absent = 'without the client’s Secret the route answers with an error, and the backend sees nothing';
const status = 'the route and the policy say what is wrong';
const keyless = 'with a Secret that lacks the key the route answers with an error as well';
const present = 'with the Secret a browser logs in';
const unguarded = 'without the key that guards the cookies the route answers with an error, and no session counts';
const anew = 'a key that was deleted is made anew: browsers log in again, and sessions of before are none';

/** Where the controller keeps the key that guards the cookies of all sessions. */
const guard = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'oauth2-hmac-secret', namespace: 'kgateway-system' } };

export default defineCheck({
  id: 'oidc-missing-secret',
  title: 'A login policy without one of its Secrets closes the route',
  feature: 'authentication.oidc',
  specification: [
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/oauth2.go'),
    kgatewaySource('pkg/kgateway/bootstrap/controller.go'),
  ],
  requires: ['secureGateway', 'echo', 'oidc', 'policies'],
  // The key that guards the cookies is one for all.
  serial: true,
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: absent },
    { name: 'secret-present', title: 'The Secret is there', breaks: absent },
    { name: 'guard-left-alone', title: 'The key that guards the cookies stays', breaks: unguarded },
  ],
  async run(context) {
    const { apply, budgets, defer, expect, hostname, kube, namespace, sabotaged, echo, oidc, policies, secureGateway } = context;
    const stage = await prepareStage(context, oidc);
    const { policy, supporting } = policies.render(stage.intent, stage.route);
    const [credentials] = supporting.filter(({ kind }) => kind === 'Secret');
    holds(credentials !== undefined, 'a Secret among what supports the policy', 'none');
    await apply(...supporting.filter((resource) => resource !== credentials));
    if (sabotaged('secret-present')) await apply(credentials);
    await apply.subject(policy);
    const open = hostname('open');
    await apply(stage.route, httpRoute('open').on(secureGateway).host(open).rule({ to: echo.service }));
    const { brokenPolicy } = policies.outcomes;
    const closed = async () => denied((await stage.browser().visit(stage.url())).exchange, { ...brokenPolicy.answer, before: echo });

    await expect.eventually(sibling, async () => {
      await reached(await secureGateway.get('/', { host: open, tls: {} }), echo);
    });

    await expect.eventually(absent, closed);

    await expect.eventually(
      status,
      async () => {
        condition(await kube.get(referenceTo(stage.route, namespace)), brokenPolicy.route.type, brokenPolicy.route);
        condition(await kube.get(referenceTo(policy, namespace)), brokenPolicy.policy.type, brokenPolicy.policy);
      },
      { within: budgets.status, streak: 1 },
    );

    await apply(secret(credentials.metadata.name, { another: 'key' }));
    await expect.eventually(keyless, closed);

    await apply(credentials);
    let session = stage.browser();
    await expect.eventually(present, async () => {
      session = stage.browser();
      await reached(endOf(await logIn(session, oidc, stage.url())).exchange, echo);
    });

    const reference = referenceTo(guard, guard.metadata.namespace);
    defer(() => kube.remove(reference));
    if (!sabotaged('guard-left-alone')) await kube.apply({ ...guard, data: { 'hmac-secret': '' } });
    await expect.eventually(unguarded, async () => {
      await closed();
      await denied((await session.visit(stage.url())).exchange, { ...brokenPolicy.answer, before: echo });
    });

    await kube.remove(reference);
    await expect.eventually(anew, async () => {
      await sentToLogIn(await session.copy().visit(stage.url()), oidc, echo);
      await reached(endOf(await logIn(stage.browser(), oidc, stage.url())).exchange, echo);
    });
  },
});
