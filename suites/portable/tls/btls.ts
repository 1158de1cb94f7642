// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { condition } from '../../../harness/check/conditions.ts';
import { denied, reached, same } from '../../../harness/check/matchers.ts';
import { minutes } from '../../../harness/units.ts';
import { certificateAuthority, selfSigned, type Authority, type Identity } from '../../../fixtures/certificates/authority.ts';
import { caConfigMap } from '../../../fixtures/core/core.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { backendTlsPolicy } from '../../../fixtures/gateway-api/backend-tls-policy.ts';
import { untilServed } from '../../../fixtures/gateways.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, gep } from '../../specification.ts';

const verified = 'a request reaches the backend over TLS, which is asked for by its name';
const refusal = (shows: string) => `a backend that shows ${shows} gets no request`;
const again = 'once the backend shows the right certificate again, a request reaches it';
const noAuthority = 'without the authority that the policy names, no request reaches the backend, in the clear least of all';
const status = 'the policy whose authority is missing says so';

const name = 'backend.gauntlet.test';

/** Backends that nobody may trust: what they show, given the trusted authority and one that is not. */
const strangers: readonly { readonly shows: string; readonly identity: (trusted: Authority, other: Authority) => Promise<Identity> }[] = [
  { shows: 'another name', identity: (trusted) => trusted.issue({ name: 'mallory.gauntlet.test', usage: 'server' }) },
  { shows: 'a certificate of another authority', identity: (_, other) => other.issue({ name, usage: 'server' }) },
  {
    shows: 'an expired certificate',
    identity: (trusted) => trusted.issue({ name, usage: 'server', validSince: minutes(120), validFor: minutes(60) }),
  },
  { shows: 'a certificate that vouches for itself', identity: () => selfSigned({ name, usage: 'server' }) },
];
const [anotherName = '', anotherAuthority = ''] = strangers.map(({ shows }) => shows);

export default defineCheck({
  id: 'btls',
  title: 'Requests go over TLS to a backend that proves its name, and to no other',
  feature: 'tls.backend',
  specification: [gep(1897), gatewayApi('BackendTLSPolicy', 'backendtlspolicy_types.go')],
  requires: ['gateway', 'echo', 'otherEcho', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: verified },
    { name: 'right-name', title: 'The certificate of another name has the right one', breaks: refusal(anotherName) },
    { name: 'other-trusted', title: 'The other authority is trusted as well', breaks: refusal(anotherAuthority) },
    { name: 'no-policy', title: 'The policy without an authority is left out', breaks: noAuthority },
  ],
  // kgateway 2.2.0 holds up the endpoints of all backends while the policy of one is invalid.
  serial: true,
  async run({ apply, defer, expect, hostname, kube, namespace, sabotaged, budgets, gateway, echo, otherEcho, policies }) {
    const [host, otherHost] = [hostname(), hostname('other')];
    const [trusted, other] = await Promise.all([certificateAuthority('trusted'), certificateAuthority('other')]);
    const right = await trusted.issue({ name, usage: 'server' });
    await echo.serveTls(right);
    await apply(caConfigMap('authority', sabotaged('other-trusted') ? [trusted, other] : [trusted]));
    const lacking = backendTlsPolicy('lacking', otherEcho.service, { hostname: name, cas: ['nowhere'] });
    await apply.subject(backendTlsPolicy('backend', echo.service, { hostname: name, cas: ['authority'] }));
    await apply(
      httpRoute('app').on(gateway).host(host).rule({ to: echo.service }),
      httpRoute('other').on(gateway).host(otherHost).rule({ to: otherEcho.service }),
    );
    const answer = policies.outcomes.backendUnverified;
    const reachesBackend = async () => {
      const arrival = await reached(await gateway.get('/', { host }), echo);
      same('name asked for', arrival.tls?.sni, name);
    };

    await expect.eventually(verified, reachesBackend);

    for (const { shows, identity } of strangers) {
      const isRight = sabotaged('right-name') && shows === anotherName;
      await echo.serveTls(isRight ? right : await identity(trusted, other));
      await expect.eventually(refusal(shows), async () => denied(await gateway.get('/', { host }), { ...answer, before: echo }));
    }
    await echo.serveTls(right);
    await expect.eventually(again, reachesBackend);

    defer(() => untilServed(gateway, otherHost, budgets.status));
    // This backend does not speak TLS: what reaches it came in the clear.
    if (!sabotaged('no-policy')) await apply(lacking);
    const broken = policies.outcomes.backendPolicyBroken;
    await expect.eventually(noAuthority, async () => denied(await gateway.get('/', { host: otherHost }), { ...broken, before: otherEcho }));
    await expect.eventually(
      status,
      async () => {
        condition(await kube.get(referenceTo(lacking, namespace)), 'Accepted', { status: 'False' });
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
