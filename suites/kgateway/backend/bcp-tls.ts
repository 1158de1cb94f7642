// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { condition } from '../../../harness/check/conditions.ts';
import { denied, reached, same } from '../../../harness/check/matchers.ts';
import { certificateAuthority } from '../../../fixtures/certificates/authority.ts';
import { secret } from '../../../fixtures/core/core.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { untilServed } from '../../../fixtures/gateways.ts';
import { backendConfigPolicy } from '../../../fixtures/kgateway/backend-config-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const mutual = 'a request reaches the backend over TLS, asked for by name, with the client certificate of the Secret';
const wrongName = 'a backend that shows another name than the policy verifies gets no request';
const wrongAuthority = 'a backend that another authority vouches for gets no request';
const unverified = 'where verification is skipped, a request reaches that backend';
const unknown = 'a backend that no authority of the system vouches for gets no request';
const missing = 'without the Secret that the policy names, no request reaches the backend, in the clear least of all';
const status = 'the policy whose Secret is missing says so, and the route stays accepted';

const name = 'backend.gauntlet.test';

export default defineCheck({
  id: 'bcp-tls',
  title: 'The policy of a backend says how it is verified and what it is shown, and nothing goes there otherwise',
  feature: 'tls.backend',
  specification: [
    kgatewaySource('api/v1alpha1/kgateway/backend_config_policy_types.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/backendconfigpolicy/tls.go'),
    kgatewaySource('pkg/kgateway/translator/irtranslator/backend.go'),
    gatewayApi('WellKnownCACertificatesType', 'backendtlspolicy_types.go'),
  ],
  requires: ['gateway', 'echo', 'otherEcho', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy of the backend is left out', breaks: mutual },
    { name: 'simple-tls', title: 'The policy keeps the client certificate back', breaks: mutual },
    { name: 'right-name', title: 'The certificate of another name has the right one', breaks: wrongName },
    { name: 'other-trusted', title: 'The other authority is trusted as well', breaks: wrongAuthority },
    { name: 'verified-after-all', title: 'Verification is not skipped', breaks: unverified },
    { name: 'system-not-asked', title: 'The authorities of the system are not asked', breaks: unknown },
    { name: 'no-policy', title: 'The policy without its Secret is left out', breaks: missing },
  ],
  // kgateway 2.2.0 holds up the endpoints of all backends while the policy of one is invalid.
  serial: true,
  async run({ apply, defer, expect, hostname, kube, namespace, sabotaged, budgets, gateway, echo, otherEcho, policies }) {
    const [host, otherHost] = [hostname(), hostname('other')];
    const [servers, other, clients] = await Promise.all(['servers', 'other', 'clients'].map((one) => certificateAuthority(one)));
    if (servers === undefined || other === undefined || clients === undefined) return;
    const [right, another, foreign, client] = await Promise.all([
      servers.issue({ name, usage: 'server' }),
      servers.issue({ name: 'mallory.gauntlet.test', usage: 'server' }),
      other.issue({ name, usage: 'server' }),
      clients.issue({ name: 'gateway', usage: 'client' }),
    ]);
    const asking = { clients: { mode: 'ask', ca: clients.certificate } } as const;
    await echo.serveTls({ ...right, ...asking });
    const trusted = servers.certificate + (sabotaged('other-trusted') ? other.certificate : '');
    await apply(secret('identity', { 'tls.crt': client.certificate, 'tls.key': client.key, 'ca.crt': trusted }));
    const serviceOf = (backend: typeof echo) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: backend.service.name } });
    const policyOf = (tls: object) => backendConfigPolicy('backend', [serviceOf(echo)], { tls: { sni: name, ...tls } });
    const simple = sabotaged('simple-tls') ? { simpleTLS: true } : {};
    await apply.subject(policyOf({ secretRef: { name: 'identity' }, verifySubjectAltNames: [name], ...simple }));
    const lacking = backendConfigPolicy('lacking', [serviceOf(otherEcho)], { tls: { sni: name, secretRef: { name: 'nowhere' } } });
    const otherRoute = httpRoute('other').on(gateway).host(otherHost).rule({ to: otherEcho.service });
    await apply(httpRoute('app').on(gateway).host(host).rule({ to: echo.service }), otherRoute);
    const answer = policies.outcomes.backendUnverified;
    const isRefused = async () => denied(await gateway.get('/', { host }), { ...answer, before: echo });

    await expect.eventually(mutual, async () => {
      const { tls } = await reached(await gateway.get('/', { host }), echo);
      same('name asked for', tls?.sni, name);
      same('client', tls?.client?.subject, 'CN=gateway');
      same('client is trusted', tls?.client?.trusted, true);
    });

    await echo.serveTls({ ...(sabotaged('right-name') ? right : another), ...asking });
    await expect.eventually(wrongName, isRefused);
    await echo.serveTls({ ...foreign, ...asking });
    await expect.eventually(wrongAuthority, isRefused);

    await apply(policyOf(sabotaged('verified-after-all') ? { secretRef: { name: 'identity' } } : { insecureSkipVerify: true }));
    await expect.eventually(unverified, async () => {
      await reached(await gateway.get('/', { host }), echo);
    });

    await apply(policyOf(sabotaged('system-not-asked') ? { insecureSkipVerify: true } : { wellKnownCACertificates: 'System' }));
    await expect.eventually(unknown, isRefused);

    defer(() => untilServed(gateway, otherHost, budgets.status));
    // This backend does not speak TLS: what reaches it came in the clear.
    if (!sabotaged('no-policy')) await apply(lacking);
    const broken = policies.outcomes.backendPolicyBroken;
    await expect.eventually(missing, async () => denied(await gateway.get('/', { host: otherHost }), { ...broken, before: otherEcho }));
    await expect.eventually(
      status,
      async () => {
        condition(await kube.get(referenceTo(lacking, namespace)), 'Accepted', { status: 'False', reason: 'Invalid' });
        condition(await kube.get(referenceTo(otherRoute, namespace)), 'Accepted');
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
