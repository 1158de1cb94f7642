// SPDX-License-Identifier: Apache-2.0
import type { ControllerMetrics } from '../../../fixtures/controller-metrics.ts';
import { same } from '../../../harness/check/matchers.ts';

/** Types of configuration, as the metrics of rejections name them. */
export const rejected = {
  clusters: 'envoy.config.cluster.v3.Cluster',
  listeners: 'envoy.config.listener.v3.Listener',
  routes: 'envoy.config.route.v3.RouteConfiguration',
} as const;

/** Rejections of a Gateway's proxies, as the controller counts them. */
export interface Rejections {
  /**
   * Holds when so many proxies reject at present, and so many rejections were counted in all.
   *
   * @throws Mismatch otherwise.
   */
  are(active: number, total: number): Promise<void>;
}

/**
 * The rejections of one type of configuration.
 *
 * @see kgateway v2.2.0 pkg/kgateway/setup/envoy_error.go
 */
export function rejectionsOf(
  metrics: ControllerMetrics,
  gateway: { readonly name: string; readonly namespace: string },
  type: (typeof rejected)[keyof typeof rejected],
): Rejections {
  const labels = { gateway_namespace: gateway.namespace, gateway_name: gateway.name, type_url: type };
  return {
    are: async (active, total) => {
      const page = await metrics.read();
      same('active rejections', page.sum('kgateway_envoy_xds_rejects_active', labels), active);
      same('rejections', page.sum('kgateway_envoy_xds_rejects_total', labels), total);
    },
  };
}
