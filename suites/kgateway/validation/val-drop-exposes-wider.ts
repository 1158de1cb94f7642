// SPDX-License-Identifier: Apache-2.0
import { denied, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const wide = 'a request to the wide rule reaches the backend';
const guarded = 'while the expression is valid, a request to the narrow rule needs the credential';
const closed = 'once the expression is invalid, a request without the credential still does not reach the backend';

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
  async run({ apply, expect, hostname, sabotaged, gateway, echo, extAuth, policies }) {
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

    await apply(narrow('/admin.*('));
    await expect.consistently(closed, async () => {
      const { status = 0 } = (await gateway.get('/admin', { host })).response ?? {};
      await denied(await gateway.get('/admin', { host }), { status: status === 403 ? 403 : 500, before: echo });
    });
  },
});
