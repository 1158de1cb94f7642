// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import type { Outcomes } from '../../../fixtures/targets/dialect.ts';
import { hostileClaims, hostileSignatures } from '../../../fixtures/tokens/hostile.ts';
import { jwks, tokenIssuer } from '../../../fixtures/tokens/issuer.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource, rfc } from '../../specification.ts';

const sound = 'a request with a sound token reaches the backend';
const refused = (that: string) => `a request with a token ${that} is denied for that very reason, before the backend sees it`;

const hostile = [...hostileClaims, ...hostileSignatures];
const rows: readonly (readonly [string, keyof Outcomes & `jwt${string}`])[] = [
  ['another-audience', 'jwtAudienceWrong'],
  ['expired', 'jwtExpired'],
  ['not-yet-valid', 'jwtNotYetValid'],
  ['alg-none', 'jwtUnreadable'],
  ['alg-none-signed', 'jwtAlgorithmUnknown'],
  ['hs256-public-key', 'jwtKeyUnknown'],
];
const cases = rows.flatMap(([name, answer]) => hostile.filter((one) => one.name === name).map((token) => ({ token, answer })));
const thatOf = (name: string) => cases.find(({ token }) => token.name === name)?.token.that ?? '';

export default defineCheck({
  id: 'jwt-aud-exp-nbf',
  title: 'A token counts for its audience, in its time and by the algorithm of the key only, and the answer says which it was',
  feature: 'authentication.jwt',
  specification: [rfc(7519, '4.1'), rfc(8725, '3.1'), kgatewaySource('api/v1alpha1/kgateway/jwt_types.go')],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: refused(thatOf('another-audience')) },
    { name: 'any-audience', title: 'The policy asks for no audience', breaks: refused(thatOf('another-audience')) },
    { name: 'still-valid', title: 'The token that should have expired has not', breaks: refused(thatOf('expired')) },
    { name: 'already-valid', title: 'The token that should be of the future is of now', breaks: refused(thatOf('not-yet-valid')) },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, policies }) {
    const host = hostname();
    const name = 'https://issuer.gauntlet.test';
    const [issuer, attacker] = await Promise.all([tokenIssuer(name), tokenIssuer(name)]);
    const parties = { issuer, attacker, attackersKeys: 'https://mallory.gauntlet.test', sound: { subject: 'alice', audience: 'gauntlet' } };
    const audiences = sabotaged('any-audience') ? [] : ['gauntlet'];
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    await policies.apply(policy.jwt({ issuer: name, audiences, jwks: jwks([issuer.publicKey]) }), route);
    await apply(route);
    const send = (token: string) => gateway.get('/', { host, headers: { authorization: `Bearer ${token}` } });
    const soundToken = await issuer.mint(parties.sound);

    await expect.eventually(sound, async () => {
      await reached(await send(soundToken), echo);
    });

    for (const { token, answer } of cases) {
      const isSound = sabotaged('still-valid') ? 'expired' : sabotaged('already-valid') ? 'not-yet-valid' : undefined;
      const bearer = token.name === isSound ? soundToken : await token.mint(parties);
      await expect.eventually(refused(token.that), async () => denied(await send(bearer), { ...policies.outcomes[answer], before: echo }));
    }
  },
});
