// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut, type Check } from '../../../harness/check/check.ts';
import { denied, reached, same } from '../../../harness/check/matchers.ts';
import { seconds } from '../../../harness/units.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import type { Outcomes } from '../../../fixtures/targets/dialect.ts';
import { hostileClaims, hostileShapes, hostileSignatures, type HostileToken } from '../../../fixtures/tokens/hostile.ts';
import { jwks, tokenIssuer } from '../../../fixtures/tokens/issuer.ts';
import { defineCheck } from '../../define-check.ts';
import { rfc } from '../../specification.ts';

const sound = 'a request with a sound token reaches the backend';
const without = 'a request without a token is denied before the backend sees it';
const refused = 'a request with the hostile token is denied before the backend sees it';
const notFetched = 'nobody asks the attacker for keys';

/** Answers other than the usual one. */
const answers: Readonly<Record<string, keyof Outcomes & ('jwtAudienceWrong' | 'headersTooLarge')>> = {
  'another-audience': 'jwtAudienceWrong',
  'audience-prefix': 'jwtAudienceWrong',
  'no-audience': 'jwtAudienceWrong',
  oversized: 'headersTooLarge',
};

/** Every token is first refused by jose: see the tests beside the table. */
export default [...hostileSignatures, ...hostileClaims, ...hostileShapes].map(refusal);

function refusal(token: HostileToken): Check {
  return defineCheck({
    id: `jwt-hostile-${token.name}`,
    title: `A token ${token.that} lets nobody pass`,
    feature: 'authentication.jwt',
    priority: 'P1',
    specification: [rfc(...token.rfc)],
    requires: ['gateway', 'echo', 'keyServer', 'policies'],
    sabotages: [
      { name: subjectLeftOut, title: 'The policy is left out', breaks: without },
      { name: 'sound-token', title: 'The token is a sound one', breaks: refused },
    ],
    async run({ apply, expect, hostname, sabotaged, gateway, echo, keyServer, policies }) {
      const host = hostname();
      const name = 'https://issuer.gauntlet.test';
      const [issuer, attacker] = await Promise.all([tokenIssuer(name), tokenIssuer(name)]);
      const { service } = keyServer;
      const attackersKeys = `http://${service.name}.${service.namespace}:${service.port}/jwks.json`;
      await keyServer.program({ sets: { '/jwks.json': [{ ...attacker.publicKey, kid: 'mallory' }] } });
      const parties = { issuer, attacker, attackersKeys, sound: { subject: 'alice', audience: 'gauntlet' } };
      const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
      await policies.apply(policy.jwt({ issuer: name, audiences: ['gauntlet'], jwks: jwks([issuer.publicKey]) }), route);
      await apply(route);
      const answer = policies.outcomes[answers[token.name] ?? 'jwtRefused'];
      const send = (bearer: string) => gateway.get('/', { host, headers: { authorization: `Bearer ${bearer}` } });
      const good = await issuer.mint(parties.sound);
      const hostile = sabotaged('sound-token') ? good : await token.mint(parties);

      await expect.eventually(sound, async () => {
        await reached(await send(good), echo);
      });

      await expect.eventually(without, async () =>
        denied(await gateway.get('/', { host }), { ...policies.outcomes.jwtMissing, before: echo }),
      );

      // The policy is in force by now.
      await expect.eventually(refused, async () => denied(await send(hostile), { ...answer, before: echo }), { within: seconds(5) });

      await expect.now(notFetched, async () => same('fetches', (await keyServer.arrivals()).length, 0));
    },
  });
}
