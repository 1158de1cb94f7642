// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { jwtPolicy } from '../../../fixtures/kgateway/jwt.ts';
import { jwks, tokenIssuer, type TokenAlgorithm, type TokenIssuer } from '../../../fixtures/tokens/issuer.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource, rfc } from '../../specification.ts';

const forms: Readonly<Record<string, (issuer: TokenIssuer) => string>> = {
  PEM: (issuer) => issuer.publicPem,
  'a key': (issuer) => JSON.stringify(issuer.publicKey),
  'a key set': (issuer) => jwks([issuer.publicKey]),
};
const algorithms: readonly TokenAlgorithm[] = ['RS256', 'ES256', 'EdDSA'];
const closed = (form: string, algorithm: string) =>
  `a request without a token is denied where the key is given as ${form} for ${algorithm}`;
const passes = (form: string, algorithm: string) =>
  `a request with a token by ${algorithm}, whose key is given as ${form}, reaches the backend`;
const forged = (form: string, algorithm: string) => `a token by ${algorithm} of another key than the one given as ${form} is denied`;
const [firstForm = ''] = Object.keys(forms);

export default defineCheck({
  id: 'jwt-inline-forms',
  title: 'The key of an issuer is given as PEM, as a JSON Web Key or as a set of them, for each kind of key',
  feature: 'authentication.jwt',
  priority: 'P1',
  specification: [kgatewaySource('api/v1alpha1/kgateway/jwt_types.go'), rfc(7517, '4'), rfc(8037, '2')],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: closed(firstForm, 'RS256') },
    { name: 'another-key', title: 'The policies have the attacker’s key', breaks: passes(firstForm, 'RS256') },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, policies }) {
    const name = 'https://issuer.gauntlet.test';
    const who = { subject: 'alice', audience: 'gauntlet' };
    const rows = await Promise.all(
      Object.entries(forms).flatMap(([form, write]) =>
        algorithms.map(async (algorithm) => {
          const [issuer, attacker] = await Promise.all([tokenIssuer(name, { algorithm }), tokenIssuer(name, { algorithm })]);
          const label = `${form.replaceAll(' ', '-')}-${algorithm}`.toLowerCase();
          const inline = write(sabotaged('another-key') ? attacker : issuer);
          return { form, algorithm, label, inline, token: await issuer.mint(who), forgedToken: await attacker.mint(who) };
        }),
      ),
    );
    for (const { label, inline } of rows) {
      const route = httpRoute(label).on(gateway).host(hostname(label)).rule({ to: echo.service });
      const { extension, policy } = jwtPolicy(label, route, { issuer: name, jwks: { local: { inline } } });
      await apply(extension);
      await apply.subject(policy);
      await apply(route);
    }

    for (const { form, algorithm, label, token, forgedToken } of rows) {
      const host = hostname(label);
      const send = (bearer: string) => gateway.get('/', { host, headers: { authorization: `Bearer ${bearer}` } });
      // A route may serve everyone before its policy is there.
      await expect.eventually(closed(form, algorithm), async () =>
        denied(await gateway.get('/', { host }), { ...policies.outcomes.jwtMissing, before: echo }),
      );
      await expect.eventually(passes(form, algorithm), async () => {
        await reached(await send(token), echo);
      });
      await expect.eventually(forged(form, algorithm), async () =>
        denied(await send(forgedToken), { ...policies.outcomes.jwtSignatureWrong, before: echo }),
      );
    }
  },
});
