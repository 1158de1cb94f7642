// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { denied, reached, unreached } from '../../../harness/check/matchers.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const wide = 'a request to the wide rule reaches the backend';
const guarded = 'while the expression is valid, a request to the narrow rule needs the credential';
const said = 'once the expression is invalid, the route says that its rule was dropped';
const closed = 'from then on, a request without the credential still does not reach the backend';

export default defineCheck({
  id: 'val-drop-exposes-wider',
  title: 'Under strict validation, dropping a rule with authentication does not hand its paths to a wider rule without',
  feature: 'validation.modes',
  priority: 'P1',
  installation: 'strict',
  specification: [
    kgatewaySource('install/helm/kgateway/values.yaml'),
    kgatewaySource('pkg/kgateway/translator/irtranslator/route.go'),
    kgatewaySource('THREAT_MODEL.md'),
  ],
  requires: ['gateway', 'echo', 'extAuth', 'policies'],
  sabotages: [{ name: 'policy-on-neither', title: 'The narrow rule has no policy', breaks: guarded }],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateway, echo, extAuth, policies }) {
    const host = hostname();
    const narrow = (pathRegex: string) => httpRoute('narrow').on(gateway).host(host).rule({ pathRegex, to: echo.service });
    if (!sabotaged('policy-on-neither')) await policies.apply(policy.extAuth({ server: extAuth.service }), narrow('/admin.*'));
    await apply(narrow('/admin.*'), httpRoute('wide').on(gateway).host(host).rule({ to: echo.service }));

    await expect.eventually(wide, async () => {
      await reached(await gateway.get('/', { host }), echo);
    });
    await expect.eventually(guarded, async () => {
      await denied(await gateway.get('/admin', { host }), { ...policies.outcomes.extAuthDenied, before: echo });
      await reached(await gateway.get('/admin', { host, headers: { 'x-ext-authz': 'allow' } }), echo);
    });

    const broken = narrow('/admin.*(');
    await apply(broken);
    await expect.eventually(
      said,
      async () => {
        condition(await kube.get(referenceTo(broken, namespace)), 'Accepted', { status: 'False', reason: 'RouteRuleDropped' });
      },
      { within: budgets.status, streak: 1 },
    );
    await expect.consistently(closed, async () => {
      await unreached([await gateway.get('/admin', { host })], echo);
    });
  },
});
