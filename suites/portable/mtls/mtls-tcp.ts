// SPDX-License-Identifier: Apache-2.0
import { body, reached, refused } from '../../../harness/check/matchers.ts';
import { certificateAuthority, type Identity } from '../../../fixtures/certificates/authority.ts';
import { caConfigMap, tlsSecret } from '../../../fixtures/core/core.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { tcpRoute } from '../../../fixtures/gateway-api/tcp-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, gep, kgatewaySource } from '../../specification.ts';

const served = 'a client with a certificate of the authority is served by HTTPS and by the TCPRoute behind TLS';
const https = 'the HTTPS listener refuses a client without a certificate';
const stream = 'so does the listener that ends TLS for a TCPRoute';

export default defineCheck({
  id: 'mtls-tcp',
  title: 'A listener that ends TLS for a TCPRoute asks for client certificates like every other one',
  feature: 'mtls.frontend',
  // The standard speaks of HTTPS only; who asks for certificates on a Gateway will not expect a port of it without.
  level: 'SHOULD',
  priority: 'P1',
  specification: [
    gep(91),
    gatewayApi('FrontendTLSConfig', 'gateway_types.go'),
    kgatewaySource('pkg/kgateway/translator/listener/gateway_listener_translator.go'),
  ],
  requires: ['gateways', 'echo', 'tcpEcho'],
  sabotages: [
    { name: 'validation-left-out', title: 'The Gateway asks for no client certificate', breaks: https },
    { name: 'authority-of-others', title: 'Another authority is trusted', breaks: served },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo, tcpEcho }) {
    const host = hostname();
    const [servers, clients] = await Promise.all([certificateAuthority('servers'), certificateAuthority('clients')]);
    await apply(
      tlsSecret('server', await servers.issue({ name: host, usage: 'server' })),
      caConfigMap('clients', [sabotaged('authority-of-others') ? servers : clients]),
    );
    const plain = gateway('mtls')
      .listener({ name: 'https', port: 8443, protocol: 'HTTPS', certificates: ['server'] })
      .listener({ name: 'stream', port: 9443, protocol: 'TLS', certificates: ['server'] });
    const own = await gateways.own(
      sabotaged('validation-left-out') ? plain : plain.clientCertificates({ mode: 'AllowValidOnly', cas: ['clients'] }),
    );
    await apply(
      httpRoute('app').on(own, 'https').host(host).rule({ to: echo.service }),
      tcpRoute('stream', { gateway: own, listener: 'stream', to: tcpEcho.service }),
    );
    const alice = await clients.issue({ name: 'alice', usage: 'client' });
    const request = (identity?: Identity) => ({ host, freshConnection: true, tls: { ca: servers.certificate, ...identity } });

    await expect.eventually(served, async () => {
      await reached(await own.send(request(alice), 'https'), echo);
      const exchange = await own.send({ ...request(alice), tcp: 'hello' }, 'stream');
      await reached(exchange, tcpEcho);
      body(exchange, 'tcp-echo: hello');
    });

    await expect.eventually(https, async () => refused(await own.send(request(), 'https'), { layers: ['tls'], before: echo }));

    // Both listeners are there with all that they have: the answer will not change.
    await expect.now(stream, async () =>
      refused(await own.send({ ...request(), tcp: 'hello' }, 'stream'), { layers: ['tls'], before: tcpEcho }),
    );
  },
});
