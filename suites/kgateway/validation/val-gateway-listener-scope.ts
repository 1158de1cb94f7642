// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { certificateAuthority } from '../../../fixtures/certificates/authority.ts';
import { tlsSecret } from '../../../fixtures/core/core.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const neighbour = 'a request to the sound listener of the same port reaches the backend';
const oneHost = 'on the port for HTTP, the listener with the invalid policy answers with the replacement';
const wholePort = 'on the port for HTTPS, the listener with the invalid policy answers every host with the replacement';
const said = 'the Gateway says which listeners were replaced';

export default defineCheck({
  id: 'val-gateway-listener-scope',
  title: 'An invalid policy of a listener turns that listener into an error, and not its neighbour at the same port',
  feature: 'validation.route-replacement',
  priority: 'P1',
  specification: [kgatewaySource('pkg/kgateway/translator/irtranslator/route.go')],
  requires: ['gateways', 'echo', 'policies'],
  sabotages: [
    { name: 'policy-only-for-https', title: 'The listener for HTTP has no policy', breaks: oneHost },
    { name: 'policy-only-for-http', title: 'The listener for HTTPS has no policy', breaks: wholePort },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateways, echo, policies }) {
    const [broken, sound, first, second] = [hostname('broken'), hostname('sound'), hostname('first'), hostname('second')];
    const authority = await certificateAuthority('servers');
    await apply(tlsSecret('server', await authority.issue({ name: first, usage: 'server', dnsNames: [first, second] })));
    const own = await gateways.own(
      gateway('scope')
        .listener({ name: 'broken', port: 8080, protocol: 'HTTP', hostname: broken })
        .listener({ name: 'sound', port: 8080, protocol: 'HTTP', hostname: sound })
        .listener({ name: 'https', port: 8443, protocol: 'HTTPS', certificates: ['server'] }),
    );
    await apply(httpRoute('app').on(own).host(broken, sound, first, second).rule({ to: echo.service }));
    const missing = { extAuth: { extensionRef: { name: 'missing' } } };
    for (const [section, leaveOut] of [
      ['broken', 'policy-only-for-https'],
      ['https', 'policy-only-for-http'],
    ] as const) {
      if (!sabotaged(leaveOut)) await apply(trafficPolicy(section, [{ resource: own.resource, sectionName: section }], missing));
    }
    const { answer } = policies.outcomes.brokenPolicy;
    const secure = (host: string) => own.get('/', { host, freshConnection: true, tls: { ca: authority.certificate } }, 'https');

    await expect.eventually(neighbour, async () => {
      await reached(await own.get('/', { host: sound }), echo);
    });
    await expect.eventually(oneHost, async () => denied(await own.get('/', { host: broken }), { ...answer, before: echo }));
    await expect.eventually(wholePort, async () => {
      for (const host of [first, second]) await denied(await secure(host), { ...answer, before: echo });
    });
    await expect.consistently(`${neighbour}, and goes on to`, async () => {
      await reached(await own.get('/', { host: sound }), echo);
    });

    await expect.eventually(
      said,
      async () => {
        const seen = await kube.get(referenceTo(own.resource, namespace));
        for (const name of ['broken', 'https'])
          condition(seen, 'Accepted', { of: `listener ${name}`, status: 'False', reason: 'ListenerReplaced' });
        condition(seen, 'Accepted', { of: 'listener sound' });
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
