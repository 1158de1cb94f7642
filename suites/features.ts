// SPDX-License-Identifier: Apache-2.0
import type { Feature } from '../harness/check/features.ts';

/** Everything that a gateway can claim. A check belongs to one row; a target that does not claim the row is not asked. */
export const features: readonly Feature[] = [
  {
    id: 'gateway.provisioning',
    title: 'Gateway provisioning',
    claim: 'A GatewayClass is accepted, and a Gateway of it gets a proxy and an address.',
  },
  { id: 'routing.http', title: 'HTTP routing', claim: 'HTTPRoutes route by host and path and modify headers.' },
  {
    id: 'authentication.ext-auth',
    title: 'External authorization',
    claim: 'A server that speaks the ext-authz protocol decides which requests pass; requests are denied while it cannot be asked.',
  },
  { id: 'authentication.api-key', title: 'API keys', claim: 'Only requests with a known key pass.' },
  { id: 'authentication.basic', title: 'Basic authentication', claim: 'Only requests with the password of a known user pass.' },
  { id: 'authentication.jwt', title: 'JSON Web Tokens', claim: 'Only requests with a valid token of a trusted issuer pass.' },
  {
    id: 'mtls.frontend',
    title: 'Client certificates',
    claim: 'A listener asks for client certificates and accepts those of the configured authorities only.',
  },
  {
    id: 'xds.nack-metrics',
    title: 'Metrics of rejected configuration',
    claim: 'The controller counts configuration that a proxy rejects, by gateway and type.',
  },
  {
    id: 'validation.route-replacement',
    title: 'Route replacement',
    claim: 'A route whose policy cannot be honoured answers with an error of its own instead of being served without the policy.',
  },
];
