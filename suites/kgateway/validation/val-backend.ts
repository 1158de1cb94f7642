// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { backendConfigPolicy } from '../../../fixtures/kgateway/backend-config-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const served = 'requests reach both backends before the policy is there';
const cut = (what: string) => `a request to the backend whose policy has ${what} is answered with 500 and does not reach it`;
const sibling = 'requests to the other backend still reach it';
const status = (what: string) => `the policy with ${what} says that it is invalid, and the route stays accepted`;

/** Settings that only Envoy knows to be wrong. */
const wrongs = [
  { what: 'cipher suites that do not exist', fields: { tls: { insecureSkipVerify: true, parameters: { cipherSuites: ['NOPE'] } } } },
  {
    what: 'files that do not exist',
    fields: { tls: { files: { tlsCertificate: '/nowhere/cert.pem', tlsKey: '/nowhere/key.pem' }, sni: 'a.test' } },
  },
] as const;

export default defineCheck({
  id: 'val-backend',
  title: 'Under strict validation, a backend whose policy the proxy would reject gets no requests, and others are not touched',
  feature: 'validation.modes',
  priority: 'P1',
  installation: 'strict',
  // While a backend is invalid, proxies get no endpoints: see val-backend-endpoints.
  serial: true,
  specification: [
    kgatewaySource('pkg/kgateway/translator/irtranslator/backend.go'),
    kgatewaySource('api/v1alpha1/kgateway/backend_config_policy_types.go'),
    envoyDocs('TLS', 'intro/arch_overview/security/ssl'),
  ],
  requires: ['gateway', 'echo', 'otherEcho'],
  sabotages: [{ name: 'policy-made-valid', title: 'The first policy sets a timeout, and rightly so', breaks: cut(wrongs[0].what) }],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateway, echo, otherEcho }) {
    const host = hostname();
    const route = httpRoute('app')
      .on(gateway)
      .host(host)
      .rule({ path: '/cut', to: echo.service })
      .rule({ path: '/other', to: otherEcho.service });
    await apply(route);
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: echo.service.name } };
    const reachesOther = async () => {
      await reached(await gateway.get('/other', { host }), otherEcho);
    };

    await expect.eventually(served, async () => {
      await reached(await gateway.get('/cut', { host }), echo);
      await reachesOther();
    });

    for (const [index, { what, fields }] of wrongs.entries()) {
      // A policy of its own each, so that a status is never of the one before it.
      const right = index === 0 && sabotaged('policy-made-valid');
      const policy = backendConfigPolicy(`wrong-${index}`, [service], right ? { connectTimeout: '5s' } : fields);
      await apply(policy);
      await expect.eventually(cut(what), async () => denied(await gateway.get('/cut', { host }), { status: 500, body: '', before: echo }));
      await expect.consistently(sibling, reachesOther);
      await expect.eventually(
        status(what),
        async () => {
          condition(await kube.get(referenceTo(policy, namespace)), 'Accepted', { status: 'False', reason: 'Invalid' });
          condition(await kube.get(referenceTo(route, namespace)), 'Accepted');
        },
        { within: budgets.status, streak: 1 },
      );
      await kube.remove(referenceTo(policy, namespace));
      await expect.eventually(served, async () => {
        await reached(await gateway.get('/cut', { host }), echo);
      });
    }
  },
});
