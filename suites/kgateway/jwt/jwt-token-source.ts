// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { absent, denied, header, reached } from '../../../harness/check/matchers.ts';
import type { ProbeRequest } from '../../../harness/probe/exchange.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { jwtPolicy } from '../../../fixtures/kgateway/jwt.ts';
import { jwks, tokenIssuer } from '../../../fixtures/tokens/issuer.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const inHeader = 'a token in the configured header, with its prefix, passes and is not forwarded';
const inQuery = 'a token in the configured query parameter passes';
const elsewhere = (where: string) => `a token ${where} is not looked at`;

/** Where a token counts by default, or on another route. */
const places: readonly {
  readonly where: string;
  readonly put: (token: string) => ProbeRequest;
  readonly on: readonly ('header' | 'query')[];
}[] = [
  { where: 'in the header Authorization', put: (token) => ({ headers: { authorization: `Bearer ${token}` } }), on: ['header', 'query'] },
  { where: 'in the query parameter access_token', put: (token) => ({ path: `/?access_token=${token}` }), on: ['header', 'query'] },
  { where: 'in the other route’s parameter', put: (token) => ({ path: `/?t=${token}` }), on: ['header'] },
  { where: 'in the other route’s header', put: (token) => ({ headers: { 'x-tok': `Tok ${token}` } }), on: ['query'] },
  { where: 'in a cookie', put: (token) => ({ headers: { cookie: `t=${token}` } }), on: ['header', 'query'] },
];
const [first] = places;

export default defineCheck({
  id: 'jwt-token-source',
  title: 'A token counts where the policy looks for it, and nowhere else',
  feature: 'authentication.jwt',
  priority: 'P1',
  specification: [
    kgatewaySource('api/v1alpha1/kgateway/jwt_types.go'),
    envoyDocs('JWT authentication: JwtProvider', 'api-v3/extensions/filters/http/jwt_authn/v3/config.proto'),
  ],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: inHeader },
    { name: 'another-parameter', title: 'The policy names another query parameter', breaks: inQuery },
    { name: 'default-source', title: 'The policies name no place', breaks: inHeader },
    { name: 'sources-exchanged', title: 'The token goes where the other route has its own', breaks: elsewhere(first?.where ?? '') },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, policies }) {
    const hosts = { header: hostname('header'), query: hostname('query') };
    const issuer = await tokenIssuer('https://issuer.gauntlet.test');
    const provider = { issuer: issuer.issuer, jwks: { local: { inline: jwks([issuer.publicKey]) } } };
    const routes = {
      header: httpRoute('header').on(gateway).host(hosts.header).rule({ to: echo.service }),
      query: httpRoute('query').on(gateway).host(hosts.query).rule({ to: echo.service }),
    };
    const queryParameter = sabotaged('another-parameter') ? 'another' : 't';
    const named = !sabotaged('default-source');
    const rows = [
      jwtPolicy('header', routes.header, {
        ...provider,
        ...(named ? { tokenSource: { header: { header: 'x-tok', prefix: 'Tok ' } } } : {}),
      }),
      jwtPolicy('query', routes.query, { ...provider, ...(named ? { tokenSource: { queryParameter } } : {}) }),
    ];
    await apply(...rows.map(({ extension }) => extension));
    await apply.subject(...rows.map(({ policy }) => policy));
    await apply(routes.header, routes.query);
    const token = await issuer.mint({ subject: 'alice', audience: 'gauntlet' });

    await expect.eventually(inHeader, async () => {
      const arrival = await reached(await gateway.get('/', { host: hosts.header, headers: { 'x-tok': `Tok ${token}` } }), echo);
      header(arrival, 'x-tok', absent);
    });

    await expect.eventually(inQuery, async () => {
      await reached(await gateway.get(`/?page=1&t=${token}`, { host: hosts.query }), echo);
    });

    for (const { where, put, on } of places) {
      await expect.eventually(elsewhere(where), async () => {
        for (const one of on) {
          const request = sabotaged('sources-exchanged') ? { headers: { 'x-tok': `Tok ${token}` } } : put(token);
          await denied(await gateway.send({ ...request, host: hosts[one] }), { ...policies.outcomes.jwtMissing, before: echo });
        }
      });
    }
  },
});
