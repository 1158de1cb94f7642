// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, holds, reached } from '../../../harness/check/matchers.ts';
import { certificateAuthority } from '../../../fixtures/certificates/authority.ts';
import { caConfigMap } from '../../../fixtures/core/core.ts';
import { backendTlsPolicy } from '../../../fixtures/gateway-api/backend-tls-policy.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { tokenIssuer } from '../../../fixtures/tokens/issuer.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource, rfc } from '../../specification.ts';

const first = 'a request with a token of the first issuer reaches the backend';
const second = 'a request with a token of the second issuer reaches the backend';
const without = 'a request without a token is denied before the backend sees it';
const unknown = 'a request with a token of an unknown issuer is denied before the backend sees it';
const crossed = 'a request with a token of the first issuer’s name that the second one signed is denied before the backend sees it';
const verified = 'the keys were fetched over TLS, by the name in the policy';

const serverName = 'keys.gauntlet.test';

export default defineCheck({
  id: 'jwt-remote',
  title: 'Keys are fetched from servers over TLS, and each issuer’s keys count for its own tokens',
  feature: 'authentication.jwt',
  specification: [
    rfc(7517, '5'),
    kgatewaySource('api/v1alpha1/kgateway/jwt_types.go'),
    gatewayApi('BackendTLSPolicy', 'backendtlspolicy_types.go'),
  ],
  requires: ['gateway', 'echo', 'keyServer', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: without },
    { name: 'one-provider', title: 'The policy knows the first issuer only', breaks: second },
    { name: 'issuer-known', title: 'The unknown issuer’s name is the second one’s', breaks: unknown },
    { name: 'keys-shared', title: 'The second issuer’s key is among those of the first', breaks: crossed },
    { name: 'another-authority', title: 'The policy for the server trusts another authority', breaks: first },
    { name: 'in-the-clear', title: 'The keys are fetched without TLS', breaks: verified },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, keyServer, policies }) {
    const host = hostname();
    const [one, two] = await Promise.all([
      tokenIssuer('https://one.gauntlet.test', { kid: 'one' }),
      tokenIssuer('https://two.gauntlet.test', { kid: 'two', algorithm: 'ES256' }),
    ]);
    await keyServer.program({
      sets: { '/one.json': [one.publicKey, ...(sabotaged('keys-shared') ? [two.publicKey] : [])], '/two.json': [two.publicKey] },
    });
    const overTls = !sabotaged('in-the-clear');
    if (overTls) {
      const [servers, other] = await Promise.all([certificateAuthority('servers'), certificateAuthority('other')]);
      await keyServer.serveTls(await servers.issue({ name: serverName, usage: 'server' }));
      await apply(caConfigMap('authority', [sabotaged('another-authority') ? other : servers]));
      await apply(backendTlsPolicy('keys', keyServer.service, { hostname: serverName, cas: ['authority'] }));
    }
    const at = (path: string): policy.RemoteJwks => ({ server: keyServer.service, path, scheme: overTls ? 'https' : 'http' });
    const providers = [
      { issuer: one.issuer, audiences: [], jwks: at('/one.json') },
      { issuer: two.issuer, audiences: [], jwks: at('/two.json') },
    ];
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    await policies.apply(policy.jwt(sabotaged('one-provider') ? providers.slice(0, 1) : providers), route);
    await apply(route);
    const { jwtMissing, jwtIssuerUnknown, jwtRefused } = policies.outcomes;
    const who = { subject: 'alice', audience: 'gauntlet' };
    const send = (bearer?: string) =>
      gateway.get('/', { host, headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` } });

    const [firstToken, secondToken] = await Promise.all([one.mint(who), two.mint(who)]);
    await expect.eventually(without, async () => denied(await send(), { ...jwtMissing, before: echo }));

    await expect.eventually(first, async () => {
      await reached(await send(firstToken), echo);
    });
    await expect.eventually(second, async () => {
      await reached(await send(secondToken), echo);
    });

    const unknownToken = sabotaged('issuer-known')
      ? secondToken
      : await two.mint({ ...who, claims: { iss: 'https://three.gauntlet.test' } });
    await expect.eventually(unknown, async () => denied(await send(unknownToken), { ...jwtIssuerUnknown, before: echo }));

    const crossedToken = await two.mint({ ...who, claims: { iss: one.issuer } });
    await expect.eventually(crossed, async () => denied(await send(crossedToken), { ...jwtRefused, before: echo }));

    await expect.now(verified, async () => {
      const names = (await keyServer.arrivals()).map(({ tls }) => tls?.sni ?? 'no TLS');
      holds(names.length > 0 && names.every((name) => name === serverName), `fetches by ${serverName}`, `fetches by ${names.join(', ')}`);
    });
  },
});
