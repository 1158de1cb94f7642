// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { jwks, tokenIssuer } from '../../../fixtures/tokens/issuer.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource, rfc } from '../../specification.ts';

const right = 'a request with a token of the issuer reaches the backend';
const without = 'a request without a token is denied before the backend sees it';
const forged = 'a request with a token that another key signed is denied before the backend sees it';

/** The name is all that an attacker can copy. */
const issuerName = 'https://issuer.gauntlet.test';
const audience = 'gauntlet';

export default defineCheck({
  id: 'jwt-inline',
  title: 'Only a request with a token that the issuer’s key signed passes',
  feature: 'authentication.jwt',
  specification: [rfc(7519, '7.2'), rfc(7515, '5.2'), kgatewaySource('api/v1alpha1/kgateway/jwt_types.go')],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: without },
    { name: 'attackers-key-is-trusted', title: 'The attacker’s key is in the key set', breaks: forged },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, policies }) {
    const host = hostname();
    const issuer = await tokenIssuer(issuerName);
    const attacker = await tokenIssuer(issuerName);
    const keys = [issuer.publicKey, ...(sabotaged('attackers-key-is-trusted') ? [attacker.publicKey] : [])];
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    await policies.apply(policy.jwt({ issuer: issuerName, audiences: [audience], jwks: jwks(keys) }), route);
    await apply(route);
    const { jwtMissing, jwtSignatureWrong } = policies.outcomes;
    const token = await issuer.mint({ subject: 'alice', audience });
    const forgedToken = await attacker.mint({ subject: 'alice', audience });
    const send = (bearer?: string) =>
      gateway.get('/', { host, headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` } });

    await expect.eventually(right, async () => {
      await reached(await send(token), echo);
    });

    await expect.eventually(without, async () => denied(await send(), { ...jwtMissing, before: echo }));

    await expect.eventually(forged, async () => denied(await send(forgedToken), { ...jwtSignatureWrong, before: echo }));
  },
});
