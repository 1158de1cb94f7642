// SPDX-License-Identifier: Apache-2.0
import { same, reached } from '../../../harness/check/matchers.ts';
import { certificateAuthority } from '../../../fixtures/certificates/authority.ts';
import { tlsSecret } from '../../../fixtures/core/core.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const serves = 'the listener serves with a cipher suite that exists';
const counted = 'the controller counts the rejection of the listener, and shows it as active';
const keepsServing = 'the listener keeps serving with its last good configuration';
const cleared = 'once the cipher suite is right again, no rejection is active, and the count stays';

const existing = 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256';
/**
 * Another one, for the way out: back to the very configuration that the proxy still has, there is nothing that it could acknowledge,
 * and kgateway 2.2.0 goes on showing the rejection as active.
 */
const alsoExisting = 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384';

export default defineCheck({
  id: 'nack-lds-cipher',
  title: 'A listener that the proxy rejects is counted, and the last good one keeps serving',
  feature: 'xds.nack-metrics',
  specification: [
    kgatewaySource('pkg/kgateway/setup/envoy_error.go'),
    kgatewaySource('pkg/kgateway/translator/sslutils/ssl_utils.go'),
    envoyDocs('xDS: ACK/NACK and resource versioning', 'api-docs/xds_protocol'),
  ],
  requires: ['gateways', 'echo', 'controllerMetrics'],
  sabotages: [{ name: 'cipher-exists', title: 'The cipher suite exists', breaks: counted }],
  async run({ apply, expect, hostname, namespace, sabotaged, gateways, echo, controllerMetrics }) {
    const host = hostname();
    const authority = await certificateAuthority('servers');
    await apply(tlsSecret('server', await authority.issue({ name: host, usage: 'server' })));
    const withCipher = (suite: string) =>
      gateway('nack').listener({
        name: 'https',
        port: 8443,
        protocol: 'HTTPS',
        certificates: ['server'],
        options: { 'kgateway.dev/cipher-suites': suite },
      });
    const own = await gateways.own(withCipher(existing));
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const reachesBackend = async () => {
      await reached(await own.get('/', { host, freshConnection: true, tls: { ca: authority.certificate } }), echo);
    };
    const rejects = (state: 'total' | 'active') =>
      controllerMetrics.sum(`kgateway_envoy_xds_rejects_${state}`, {
        gateway_namespace: namespace,
        gateway_name: own.name,
        type_url: 'envoy.config.listener.v3.Listener',
      });

    await expect.eventually(serves, reachesBackend);

    await gateways.own(withCipher(sabotaged('cipher-exists') ? existing : 'NOPE'));
    await expect.eventually(counted, async () => {
      same('rejections', await rejects('total'), 1);
      same('active rejections', await rejects('active'), 1);
    });
    await expect.consistently(keepsServing, reachesBackend);

    await gateways.own(withCipher(alsoExisting));
    await expect.eventually(cleared, async () => {
      same('active rejections', await rejects('active'), 0);
      same('rejections', await rejects('total'), 1);
    });
  },
});
