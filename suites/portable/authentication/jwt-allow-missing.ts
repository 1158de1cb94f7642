// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { minutes } from '../../../harness/units.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { jwks, tokenIssuer } from '../../../fixtures/tokens/issuer.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const right = 'a request with a token of the issuer reaches the backend';
const without = 'a request without a token reaches the backend';
const forged = 'a request with a token that another key signed is denied before the backend sees it';
const expired = 'a request with a token that has expired is denied before the backend sees it';

export default defineCheck({
  id: 'jwt-allow-missing',
  title: 'Where a token may be missing, one that is there must still be valid',
  feature: 'authentication.jwt',
  specification: [
    kgatewaySource('api/v1alpha1/kgateway/gateway_extensions_types.go'),
    envoyDocs('JWT authentication: JwtRequirement', 'api-v3/extensions/filters/http/jwt_authn/v3/config.proto'),
  ],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: forged },
    { name: 'token-required', title: 'A token must be there', breaks: without },
    { name: 'attackers-key-is-trusted', title: 'The attacker’s key is in the key set', breaks: forged },
    { name: 'still-valid', title: 'The token has not expired', breaks: expired },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, policies }) {
    const host = hostname();
    const name = 'https://issuer.gauntlet.test';
    const [issuer, attacker] = await Promise.all([tokenIssuer(name), tokenIssuer(name)]);
    const keys = [issuer.publicKey, ...(sabotaged('attackers-key-is-trusted') ? [attacker.publicKey] : [])];
    const onMissing = sabotaged('token-required') ? 'deny' : 'allow';
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    await policies.apply(policy.jwt({ issuer: name, audiences: ['gauntlet'], jwks: jwks(keys) }, { onMissing }), route);
    await apply(route);
    const { jwtSignatureWrong, jwtExpired } = policies.outcomes;
    const who = { subject: 'alice', audience: 'gauntlet' };
    const [token, forgedToken, expiredToken] = await Promise.all([
      issuer.mint(who),
      attacker.mint(who),
      issuer.mint({ ...who, expiresIn: minutes(sabotaged('still-valid') ? 5 : -5) }),
    ]);
    const send = (bearer?: string) =>
      gateway.get('/', { host, headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` } });

    await expect.eventually(right, async () => {
      await reached(await send(token), echo);
    });

    await expect.eventually(forged, async () => denied(await send(forgedToken), { ...jwtSignatureWrong, before: echo }));

    await expect.eventually(without, async () => {
      await reached(await send(), echo);
    });

    await expect.eventually(expired, async () => denied(await send(expiredToken), { ...jwtExpired, before: echo }));
  },
});
