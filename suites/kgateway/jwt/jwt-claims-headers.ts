// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { absent, denied, header, reached } from '../../../harness/check/matchers.ts';
import { seconds } from '../../../harness/units.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { jwtPolicy } from '../../../fixtures/kgateway/jwt.ts';
import { jwks, tokenIssuer } from '../../../fixtures/tokens/issuer.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const claimed = 'the backend sees the claim of the token, and not what the client made up';
const without = 'a request without a token is denied before the backend sees it';
const lacking = 'a token without the claim leaves the header out, whatever the client sends';
const routed = 'a request is routed by the claim of its token';
const anonymous = 'where a token may be missing, what a client without one makes up does not reach the backend';
const notRouted = 'where a token may be missing, what a client without one makes up does not choose its route';

export default defineCheck({
  id: 'jwt-claims-headers',
  title: 'Claims reach the backend in headers that no client can make up, and routes are chosen by them',
  feature: 'authentication.jwt',
  specification: [
    kgatewaySource('api/v1alpha1/kgateway/jwt_types.go'),
    envoyDocs('JWT authentication: claim_to_headers', 'api-v3/extensions/filters/http/jwt_authn/v3/config.proto'),
  ],
  requires: ['gateway', 'echo', 'otherEcho', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: without },
    { name: 'claim-not-copied', title: 'The policies copy no claim', breaks: claimed },
    { name: 'claim-there', title: 'The token that should lack the claim has it', breaks: lacking },
    { name: 'token-of-another', title: 'The token is another’s', breaks: routed },
    { name: 'another-header', title: 'Where a token may be missing, the claim goes to another header', breaks: anonymous },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, otherEcho, policies }) {
    const [host, laxHost] = [hostname(), hostname('lax')];
    const issuer = await tokenIssuer('https://issuer.gauntlet.test');
    const copied = (to: string) => (sabotaged('claim-not-copied') ? {} : { claimsToHeaders: [{ name: 'sub', header: to }] });
    const provider = { issuer: issuer.issuer, jwks: { local: { inline: jwks([issuer.publicKey]) } } };
    const toEcho = (name: string, at: string) =>
      httpRoute(name)
        .on(gateway)
        .host(at)
        .rule({ headers: { 'x-sub': 'root' }, to: otherEcho.service })
        .rule({ to: echo.service });
    const [route, laxRoute] = [toEcho('app', host), toEcho('lax', laxHost)];
    const rows = [
      jwtPolicy('tokens', route, { ...provider, ...copied('x-sub') }),
      jwtPolicy(
        'lax',
        laxRoute,
        { ...provider, ...copied(sabotaged('another-header') ? 'x-another' : 'x-sub') },
        { validationMode: 'AllowMissing' },
      ),
    ];
    await apply(...rows.map(({ extension }) => extension));
    await apply.subject(...rows.map(({ policy }) => policy));
    await apply(route, laxRoute);
    const mint = async (subject?: string) => {
      const token = await issuer.mint({
        subject: subject ?? '',
        audience: 'gauntlet',
        ...(subject === undefined ? { claims: { sub: undefined } } : {}),
      });
      return { authorization: `Bearer ${token}` };
    };
    const [alice, root, nobody] = await Promise.all([
      mint('alice'),
      mint(sabotaged('token-of-another') ? 'bob' : 'root'),
      mint(sabotaged('claim-there') ? 'alice' : undefined),
    ]);
    const madeUp = { 'x-sub': 'mallory' };

    await expect.eventually(without, async () => {
      await reached(await gateway.get('/', { host, headers: alice }), echo);
      await denied(await gateway.get('/', { host }), { ...policies.outcomes.jwtMissing, before: [echo, otherEcho] });
    });

    await expect.eventually(claimed, async () => {
      header(await reached(await gateway.get('/', { host, headers: { ...alice, ...madeUp } }), echo), 'x-sub', 'alice');
    });

    await expect.eventually(lacking, async () => {
      header(await reached(await gateway.get('/', { host, headers: { ...nobody, ...madeUp } }), echo), 'x-sub', absent);
    });

    await expect.eventually(routed, async () => {
      await reached(await gateway.get('/', { host, headers: root }), otherEcho);
      await reached(await gateway.get('/', { host, headers: { ...alice, 'x-sub': 'root' } }), echo);
    });

    await expect.eventually(anonymous, async () => {
      header(await reached(await gateway.get('/', { host: laxHost, headers: madeUp }), echo), 'x-sub', absent);
    });

    await expect.eventually(
      notRouted,
      async () => {
        await reached(await gateway.get('/', { host: laxHost, headers: { 'x-sub': 'root' } }), echo);
      },
      { within: seconds(5) },
    );
  },
});
