// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, holds, reached } from '../../../harness/check/matchers.ts';
import { milliseconds, seconds } from '../../../harness/units.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { tokenIssuer } from '../../../fixtures/tokens/issuer.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const allowed = 'a request with a token of the old key reaches the backend';
const without = 'a request without a token is denied before the backend sees it';
const kept = 'under many requests, the keys are fetched about once in each of their lifetimes';
const rotated = 'once the keys have been exchanged, a request with a token of the new key reaches the backend';
const withdrawn = 'once the keys have been exchanged, a request with a token of the old key is denied before the backend sees it';

const lifetime = seconds(2);
/** Requests of the attack. */
const requests = 1500;
/** Requests that are under way at once: those of the moment at which a lifetime ends may each fetch, in each worker of the proxy; not those after them. */
const concurrency = 8;
const atOnce = 4 * concurrency;

export default defineCheck({
  id: 'jwt-cache',
  title: 'Fetched keys are kept for their lifetime, and no longer',
  feature: 'authentication.jwt',
  priority: 'P1',
  specification: [
    kgatewaySource('api/v1alpha1/kgateway/jwt_types.go'),
    envoyDocs('JWT authentication: RemoteJwks', 'api-v3/extensions/filters/http/jwt_authn/v3/config.proto'),
  ],
  requires: ['gateways', 'echo', 'keyServer', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: without },
    { name: 'not-kept', title: 'Keys may be used for a millisecond', breaks: kept },
    { name: 'kept-for-long', title: 'Keys may be used for minutes', breaks: rotated },
    { name: 'old-key-stays', title: 'The old key is still among the new ones', breaks: withdrawn },
  ],
  async run({ apply, attach, expect, hostname, sabotaged, gateways, echo, keyServer, policies }) {
    const host = hostname();
    // A shared listener changes with every check, and a gateway may fetch the keys anew for each change.
    const own = await gateways.own(gateway('cache').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const name = 'https://issuer.gauntlet.test';
    const [old, next] = await Promise.all([tokenIssuer(name, { kid: 'old' }), tokenIssuer(name, { kid: 'next' })]);
    await keyServer.program({ sets: { '/jwks.json': [old.publicKey] } });
    const cacheFor = sabotaged('not-kept') ? milliseconds(1) : sabotaged('kept-for-long') ? seconds(300) : lifetime;
    const jwks = { server: keyServer.service, path: '/jwks.json', cacheFor };
    const route = httpRoute('app').on(own).host(host).rule({ to: echo.service });
    await policies.apply(policy.jwt({ issuer: name, audiences: [], jwks }), route);
    await apply(route);
    const { jwtMissing, jwtRefused } = policies.outcomes;
    const who = { subject: 'alice', audience: 'gauntlet' };
    const [oldToken, nextToken] = await Promise.all([old.mint(who), next.mint(who)]);
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
    const send = (token: string) => own.get('/', { host, headers: bearer(token) });

    await expect.eventually(allowed, async () => {
      await reached(await send(oldToken), echo);
    });
    await expect.eventually(without, async () => denied(await own.get('/', { host }), { ...jwtMissing, before: echo }));

    const before = (await keyServer.arrivals()).length;
    await using attack = own.attack({ host, headers: bearer(oldToken) }, { every: milliseconds(2), concurrency, fresh: 'never' });
    await attack.until(requests);
    const { exchanges } = await attack.stop();
    const elapsedMs = (exchanges.at(-1)?.sentAt ?? 0) - (exchanges[0]?.sentAt ?? 0);
    await expect.now(kept, async () => {
      const fetches = (await keyServer.arrivals()).length - before;
      const lifetimes = Math.ceil(elapsedMs / lifetime.ms) + 1;
      attach('Fetches', `${fetches} fetches, ${exchanges.length} requests in ${elapsedMs} ms`);
      holds(fetches <= lifetimes * atOnce, `at most ${atOnce} fetches in each of ${lifetimes} lifetimes`, `${fetches} fetches`);
    });

    await keyServer.program({ sets: { '/jwks.json': [next.publicKey, ...(sabotaged('old-key-stays') ? [old.publicKey] : [])] } });
    await expect.eventually(rotated, async () => {
      await reached(await send(nextToken), echo);
    });
    await expect.eventually(withdrawn, async () => denied(await send(oldToken), { ...jwtRefused, before: echo }));
  },
});
