// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { absent, denied, header, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { jwtPolicy } from '../../../fixtures/kgateway/jwt.ts';
import { jwks, tokenIssuer } from '../../../fixtures/tokens/issuer.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const removed = 'by default, the backend does not see the token';
const without = 'a request without a token is denied on both routes';
const forwarded = 'where the policy says so, the backend sees the token';

export default defineCheck({
  id: 'jwt-forward',
  title: 'The backend sees the token only where the policy says so',
  feature: 'authentication.jwt',
  priority: 'P1',
  specification: [kgatewaySource('api/v1alpha1/kgateway/jwt_types.go')],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: removed },
    { name: 'always-forwarded', title: 'Both policies forward the token', breaks: removed },
    { name: 'never-forwarded', title: 'No policy forwards the token', breaks: forwarded },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, policies }) {
    const [host, forwardingHost] = [hostname(), hostname('forwarding')];
    const issuer = await tokenIssuer('https://issuer.gauntlet.test');
    const provider = { issuer: issuer.issuer, jwks: { local: { inline: jwks([issuer.publicKey]) } } };
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    const forwarding = httpRoute('forwarding').on(gateway).host(forwardingHost).rule({ to: echo.service });
    const rows = [
      jwtPolicy('tokens', route, { ...provider, ...(sabotaged('always-forwarded') ? { forwardToken: true } : {}) }),
      jwtPolicy('forwarding', forwarding, { ...provider, ...(sabotaged('never-forwarded') ? {} : { forwardToken: true }) }),
    ];
    await apply(...rows.map(({ extension }) => extension));
    await apply.subject(...rows.map(({ policy }) => policy));
    await apply(route, forwarding);
    const authorization = `Bearer ${await issuer.mint({ subject: 'alice', audience: 'gauntlet' })}`;

    await expect.eventually(removed, async () => {
      header(await reached(await gateway.get('/', { host, headers: { authorization } }), echo), 'authorization', absent);
    });

    await expect.eventually(without, async () => {
      for (const one of [host, forwardingHost])
        await denied(await gateway.get('/', { host: one }), { ...policies.outcomes.jwtMissing, before: echo });
    });

    await expect.eventually(forwarded, async () => {
      const arrival = await reached(await gateway.get('/', { host: forwardingHost, headers: { authorization } }), echo);
      header(arrival, 'authorization', authorization);
    });
  },
});
