// SPDX-License-Identifier: Apache-2.0
import { reached } from '../../../harness/check/matchers.ts';
import { seconds } from '../../../harness/units.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { durationText } from '../../../fixtures/gateway-api/duration.ts';
import { backendConfigPolicy } from '../../../fixtures/kgateway/backend-config-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';
import { rejected, rejectionsOf } from './rejections.ts';

const serves = 'both backends are served before anything is rejected';
const counted = 'the controller counts one rejection of clusters, and shows it as active';
const keepsServing = 'both backends keep being served with their last good configuration';
const cleared = 'once it is right again, no rejection is active, and the count stays';

export default defineCheck({
  id: 'nack-cds',
  title: 'A backend’s configuration that the proxy rejects is counted, and the backends keep being served',
  feature: 'xds.nack-metrics',
  priority: 'P1',
  specification: [
    kgatewaySource('pkg/kgateway/setup/envoy_error.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/backendconfigpolicy/tls.go'),
    envoyDocs('xDS: ACK/NACK and resource versioning', 'api-docs/xds_protocol'),
  ],
  requires: ['gateways', 'echo', 'otherEcho', 'controllerMetrics'],
  sabotages: [
    { name: 'cipher-exists', title: 'The cipher suite exists', breaks: counted },
    { name: 'never-put-right', title: 'The configuration stays as it is', breaks: cleared },
  ],
  // Every proxy gets the clusters of all Services, so that those of other checks would reject them as well.
  serial: true,
  async run({ apply, expect, hostname, sabotaged, gateways, echo, otherEcho, controllerMetrics }) {
    const [host, otherHost] = [hostname(), hostname('other')];
    const own = await gateways.own(gateway('nack').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    await apply(
      httpRoute('app').on(own).host(host).rule({ to: echo.service }),
      httpRoute('other').on(own).host(otherHost).rule({ to: otherEcho.service }),
    );
    const rejections = rejectionsOf(controllerMetrics, own, rejected.clusters);
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: otherEcho.service.name } };
    const areServed = async (): Promise<void> => {
      await reached(await own.get('/', { host }), echo);
      await reached(await own.get('/', { host: otherHost }), otherEcho);
    };

    await expect.eventually(serves, areServed);

    const cipherSuites = [sabotaged('cipher-exists') ? 'ECDHE-RSA-AES128-GCM-SHA256' : 'NOPE'];
    await apply(backendConfigPolicy('tls', [service], { tls: { insecureSkipVerify: true, parameters: { cipherSuites } } }));
    await expect.eventually(counted, () => rejections.are(1, 1));
    await expect.consistently(keepsServing, areServed);

    // Back to the very configuration that the proxies have there would be nothing that they could acknowledge.
    if (!sabotaged('never-put-right')) await apply(backendConfigPolicy('tls', [service], { connectTimeout: durationText(seconds(3)) }));
    await expect.eventually(cleared, () => rejections.are(0, 1));
  },
});
