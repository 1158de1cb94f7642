// SPDX-License-Identifier: Apache-2.0
import { Browser } from '../../../fixtures/browser/browser.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { reached } from '../../../harness/check/matchers.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';
import { anonymous, buildStage, callbackPath } from './oidc-stage.ts';

const open = 'a route without the policy is served without a login, at the paths of the login too';

export default defineCheck({
  id: 'oidc-non-oauth-route',
  title: 'A route without a login policy is left alone',
  feature: 'authentication.oidc',
  priority: 'P1',
  specification: [kgatewaySource('test/e2e/features/oauth/suite.go')],
  requires: ['secureGateway', 'echo', 'oidc', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: anonymous },
    { name: 'policy-on-both', title: 'The policy is on the neighbour as well', breaks: open },
  ],
  async run(context) {
    const { apply, expect, hostname, probe, sabotaged, echo, oidc, secureGateway } = context;
    const host = hostname('open');
    const neighbour = httpRoute('open').on(secureGateway).host(host).rule({ to: echo.service });
    await buildStage(context, oidc);
    // In force before it counts: what is served for a moment without its policy looks like a neighbour that has none.
    if (sabotaged('policy-on-both')) await buildStage(context, oidc, { label: 'open' });
    else await apply(neighbour);

    await expect.eventually(open, async () => {
      const browser = new Browser(probe, { [host]: secureGateway.endpoint() });
      for (const path of ['/', '/logout', `${callbackPath}?code=1&state=2`]) {
        await reached((await browser.visit(`https://${host}${path}`)).exchange, echo);
      }
    });
  },
});
