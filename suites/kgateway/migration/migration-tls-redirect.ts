// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, header, reached } from '../../../harness/check/matchers.ts';
import { certificateAuthority } from '../../../fixtures/certificates/authority.ts';
import { tlsSecret } from '../../../fixtures/core/core.ts';
import { defineCheck } from '../../define-check.ts';
import { emitted, emittedGateway, emittedRoute, listenerOf } from './emitted.ts';

const secure = 'a request over TLS reaches the backend';
const redirected = 'force-ssl-redirect: a request in the clear is sent to TLS, and does not reach the backend';

export default defineCheck({
  id: 'migration-tls-redirect',
  title: 'An Ingress that sends its clients to TLS does so once it is migrated',
  feature: 'gateway.migration',
  priority: 'P1',
  specification: [emitted('ssl_redirect.yaml')],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: subjectLeftOut, title: 'The redirecting route is left out', breaks: redirected },
    { name: 'served-in-the-clear', title: 'The route of the backend is on both listeners', breaks: redirected },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo }) {
    const host = hostname();
    const authority = await certificateAuthority('servers');
    await apply(tlsSecret('redirect-tls', await authority.issue({ name: host, usage: 'server' })));
    const nginx = await gateways.own(emittedGateway([{ host, tls: 'redirect-tls' }]));
    const redirect = { type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } };
    if (!sabotaged('served-in-the-clear')) {
      await apply.subject(emittedRoute('ingress-ssl-redirect', host, nginx, 'http').rule({ filters: [redirect] }));
    }
    const listener = sabotaged('served-in-the-clear') ? undefined : 'https';
    await apply(emittedRoute('ingress-ssl-redirect', host, nginx, listener).rule({ to: echo.service }));

    await expect.eventually(secure, async () => {
      const exchange = await nginx.get('/cart?item=1', { host, tls: { ca: authority.certificate } }, listenerOf(host, 'https'));
      await reached(exchange, echo);
    });

    await expect.eventually(redirected, async () => {
      const exchange = await nginx.get('/cart?item=1', { host }, listenerOf(host, 'http'));
      await denied(exchange, { status: 301, before: echo });
      // The port may be left out, and should be.
      header(exchange, 'location', new RegExp(`^https://${host.replaceAll('.', '\\.')}(:443)?/cart\\?item=1$`));
    });
  },
});
