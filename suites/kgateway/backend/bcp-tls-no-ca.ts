// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached, same } from '../../../harness/check/matchers.ts';
import { seconds } from '../../../harness/units.ts';
import { certificateAuthority } from '../../../fixtures/certificates/authority.ts';
import { tlsSecret } from '../../../fixtures/core/core.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { backendConfigPolicy } from '../../../fixtures/kgateway/backend-config-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const skipped = 'where verification is skipped, a request reaches the backend over TLS';
const unverified = 'where verification is not skipped and nobody vouches for the backend, it gets no request';

export default defineCheck({
  id: 'bcp-tls-no-ca',
  title: 'A backend is verified unless its policy says insecureSkipVerify, though the policy names no authority',
  feature: 'tls.backend',
  priority: 'P1',
  specification: [
    kgatewaySource('api/v1alpha1/kgateway/backend_config_policy_types.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/backendconfigpolicy/tls.go'),
  ],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [{ name: subjectLeftOut, title: 'The policy is left out', breaks: skipped }],
  async run({ apply, expect, hostname, gateway, echo, policies }) {
    const host = hostname();
    const [servers, clients] = await Promise.all([certificateAuthority('servers'), certificateAuthority('clients')]);
    await echo.serveTls({ ...(await servers.issue({ name: 'mallory.gauntlet.test', usage: 'server' })), clients: { mode: 'ask' } });
    await apply(tlsSecret('identity', await clients.issue({ name: 'gateway', usage: 'client' })));
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: echo.service.name } };
    const policyOf = (tls: object) => backendConfigPolicy('backend', [service], { tls: { sni: 'backend.gauntlet.test', ...tls } });
    await apply.subject(policyOf({ insecureSkipVerify: true }));
    await apply(httpRoute('app').on(gateway).host(host).rule({ to: echo.service }));

    await expect.eventually(skipped, async () => {
      const { tls } = await reached(await gateway.get('/', { host }), echo);
      same('name asked for', tls?.sni, 'backend.gauntlet.test');
    });

    // The Secret has a client certificate and no `ca.crt`, as `kubectl create secret tls` makes it.
    await apply(policyOf({ secretRef: { name: 'identity' } }));
    await expect.eventually(
      unverified,
      async () => denied(await gateway.get('/', { host }), { ...policies.outcomes.backendUnverified, before: echo }),
      { within: seconds(20) },
    );
  },
});
