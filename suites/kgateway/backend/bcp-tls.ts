// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached, same } from '../../../harness/check/matchers.ts';
import { certificateAuthority } from '../../../fixtures/certificates/authority.ts';
import { secret } from '../../../fixtures/core/core.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { backendConfigPolicy } from '../../../fixtures/kgateway/backend-config-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const mutual = 'a request reaches the backend over TLS, asked for by name, with the client certificate of the Secret';
const wrongName = 'a backend that shows another name than the policy verifies gets no request';
const wrongAuthority = 'a backend that another authority vouches for gets no request';
const unverified = 'where verification is skipped, a request reaches that backend';
const unknown = 'a backend that no authority of the system vouches for gets no request';

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
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy of the backend is left out', breaks: mutual },
    { name: 'simple-tls', title: 'The policy keeps the client certificate back', breaks: mutual },
    { name: 'right-name', title: 'The certificate of another name has the right one', breaks: wrongName },
    { name: 'other-trusted', title: 'The other authority is trusted as well', breaks: wrongAuthority },
    { name: 'verified-after-all', title: 'Verification is not skipped', breaks: unverified },
    { name: 'system-not-asked', title: 'The authorities of the system are not asked', breaks: unknown },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, policies }) {
    const host = hostname();
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
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: echo.service.name } };
    const policyOf = (tls: object) => backendConfigPolicy('backend', [service], { tls: { sni: name, ...tls } });
    const simple = sabotaged('simple-tls') ? { simpleTLS: true } : {};
    await apply.subject(policyOf({ secretRef: { name: 'identity' }, verifySubjectAltNames: [name], ...simple }));
    await apply(httpRoute('app').on(gateway).host(host).rule({ to: echo.service }));
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
  },
});
