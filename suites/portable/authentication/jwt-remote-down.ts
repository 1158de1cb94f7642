// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { seconds } from '../../../harness/units.ts';
import { certificateAuthority, type Identity } from '../../../fixtures/certificates/authority.ts';
import { caConfigMap } from '../../../fixtures/core/core.ts';
import { backendTlsPolicy } from '../../../fixtures/gateway-api/backend-tls-policy.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { tokenIssuer } from '../../../fixtures/tokens/issuer.ts';
import type { JwksServer } from '../../../mocks/peers.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const allowed = 'a request with a token reaches the backend while the keys can be fetched';
const anonymous = 'a request without a token is denied while the keys can be fetched';
const cut = (what: string) => `a request with a token is denied while the key server ${what}`;
const forged = 'a request with a token of the attacker is denied while the key server is the attacker’s';
const back = (what: string) => `a request with a token reaches the backend again after the key server had ${what}`;

const connectionsForEveryThread = 8;

/** What is wrong with the server, in both tenses; `wrong` makes it so. */
interface Trouble {
  readonly does: string;
  readonly did: string;
  readonly wrong: (server: JwksServer) => Promise<void>;
}

const refuses: Trouble = { does: 'refuses connections', did: 'refused connections', wrong: (server) => server.fault('refuse') };
const troubles: readonly Trouble[] = [
  refuses,
  { does: 'answers 500', did: 'answered 500', wrong: (server) => server.program({ status: 500 }) },
  { does: 'answers with garbage', did: 'answered with garbage', wrong: (server) => server.program({ body: '<html>' }) },
  { does: 'answers with no keys', did: 'answered with no keys', wrong: (server) => server.program({}) },
  { does: 'does not answer', did: 'not answered', wrong: (server) => server.fault('hang') },
];

export default defineCheck({
  id: 'jwt-remote-down',
  title: 'Nobody passes while the keys cannot be fetched, or only from someone else',
  feature: 'authentication.jwt',
  specification: [
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/jwt.go'),
    envoyDocs('JWT authentication: RemoteJwks', 'api-v3/extensions/filters/http/jwt_authn/v3/config.proto'),
  ],
  requires: ['gateways', 'echo', 'keyServer', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: anonymous },
    { name: 'server-stays-up', title: 'The server is not taken down', breaks: cut(refuses.does) },
    { name: 'keys-kept', title: 'Keys may be used for minutes without asking again', breaks: cut(refuses.does) },
    { name: 'attacker-trusted', title: 'The attacker’s authority is trusted', breaks: forged },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo, keyServer, policies }) {
    const host = hostname();
    // A shared listener changes with every check, and a gateway may fetch the keys anew for each change.
    const own = await gateways.own(gateway('remote').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const name = 'keys.gauntlet.test';
    const [issuer, attacker] = await Promise.all([
      tokenIssuer('https://issuer.gauntlet.test'),
      tokenIssuer('https://issuer.gauntlet.test'),
    ]);
    const [servers, mallory] = await Promise.all([certificateAuthority('servers'), certificateAuthority('mallory')]);
    const identity = await servers.issue({ name, usage: 'server' });
    const serve = async (keys: readonly object[], tls: Identity) => {
      await keyServer.serveTls(tls);
      await keyServer.program({ sets: { '/jwks.json': keys } });
      await keyServer.fault('none');
    };
    await serve([issuer.publicKey], identity);
    await apply(caConfigMap('authority', sabotaged('attacker-trusted') ? [servers, mallory] : [servers]));
    await apply(backendTlsPolicy('keys', keyServer.service, { hostname: name, cas: ['authority'] }));
    const cacheFor = sabotaged('keys-kept') ? seconds(300) : seconds(1);
    const jwks: policy.RemoteJwks = { server: keyServer.service, path: '/jwks.json', scheme: 'https', cacheFor };
    const route = httpRoute('app').on(own).host(host).rule({ to: echo.service });
    await policies.apply(policy.jwt({ issuer: issuer.issuer, audiences: [], jwks }), route);
    await apply(route);
    const { jwtMissing, jwtRefused } = policies.outcomes;
    const who = { subject: 'alice', audience: 'gauntlet' };
    const [token, forgedToken] = await Promise.all([issuer.mint(who), attacker.mint(who)]);
    const send = (bearer?: string) => own.get('/', { host, headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` } });
    const passes = async () => {
      await reached(await send(token), echo);
    };
    const isDenied = async () => denied(await send(token), { ...jwtRefused, before: echo });

    await expect.eventually(allowed, async () => {
      // Each thread of a proxy may keep keys of its own; with so many connections every one of them has been asked, and has them.
      for (let connection = 0; connection < connectionsForEveryThread; connection += 1) {
        const headers = { authorization: `Bearer ${token}` };
        await reached(await own.get('/', { host, headers, freshConnection: true }), echo);
      }
    });
    await expect.eventually(anonymous, async () => denied(await send(), { ...jwtMissing, before: echo }));

    for (const { does, did, wrong } of troubles) {
      if (!sabotaged('server-stays-up')) await wrong(keyServer);
      // Not once only: a busy machine may be too late with keys as well.
      await expect.eventually(cut(does), isDenied);
      await serve([issuer.publicKey], identity);
      await expect.eventually(back(did), passes, { streak: 1 });
    }

    await serve([attacker.publicKey], await mallory.issue({ name, usage: 'server' }));
    await expect.eventually(forged, async () => {
      await denied(await send(forgedToken), { ...jwtRefused, before: echo });
      await isDenied();
    });
  },
});
