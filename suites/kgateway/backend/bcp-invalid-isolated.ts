// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { condition } from '../../../harness/check/conditions.ts';
import { reached, same } from '../../../harness/check/matchers.ts';
import { seconds } from '../../../harness/units.ts';
import { certificateAuthority } from '../../../fixtures/certificates/authority.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { backendConfigPolicy } from '../../../fixtures/kgateway/backend-config-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const effective = 'the policy of a backend takes effect';
const invalid = 'the policy of the other backend says that it is invalid';
const stillPrompt = 'while the policy of another backend is invalid, a change takes effect within ten seconds';

/** Less than Envoy waits for endpoints that do not come: 15 seconds. */
const soon = seconds(10);

export default defineCheck({
  id: 'bcp-invalid-isolated',
  title: 'An invalid policy of one backend does not hold up changes of the others',
  feature: 'backend.resilience',
  priority: 'P1',
  specification: [
    kgatewaySource('pkg/kgateway/translator/irtranslator/backend.go'),
    envoyDocs('xDS: initial_fetch_timeout', 'api-v3/config/core/v3/config_source.proto'),
  ],
  requires: ['gateway', 'echo', 'otherEcho'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy of the backend is left out', breaks: effective },
    { name: 'nothing-invalid', title: 'The policy of the other backend is valid', breaks: invalid },
  ],
  // It holds up all the others.
  serial: true,
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateway, echo, otherEcho }) {
    const host = hostname();
    const authority = await certificateAuthority('servers');
    await echo.serveTls(await authority.issue({ name: 'backend.gauntlet.test', usage: 'server' }));
    const policyFor = (name: string, backend: typeof echo, tls: object) =>
      backendConfigPolicy(name, [{ apiVersion: 'v1', kind: 'Service', metadata: { name: backend.service.name } }], { tls });
    const askingFor = (sni: string) => policyFor('backend', echo, { sni, insecureSkipVerify: true });
    const takesEffect = (sni: string) => async () => {
      const { tls } = await reached(await gateway.get('/', { host }), echo);
      same('name asked for', tls?.sni, sni);
    };
    await apply(httpRoute('app').on(gateway).host(host).rule({ to: echo.service }));

    await apply.subject(askingFor('one.gauntlet.test'));
    await expect.eventually(effective, takesEffect('one.gauntlet.test'));

    const other = policyFor(
      'other',
      otherEcho,
      sabotaged('nothing-invalid') ? { insecureSkipVerify: true } : { secretRef: { name: 'nowhere' } },
    );
    await apply(other);
    await expect.eventually(
      invalid,
      async () => {
        condition(await kube.get(referenceTo(other, namespace)), 'Accepted', { status: 'False', reason: 'Invalid' });
      },
      { within: budgets.status, streak: 1 },
    );

    await apply.subject(askingFor('two.gauntlet.test'));
    await expect.eventually(stillPrompt, takesEffect('two.gauntlet.test'), { within: soon, streak: 1 });
  },
});
