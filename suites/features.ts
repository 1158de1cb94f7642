// SPDX-License-Identifier: Apache-2.0
import type { Feature } from '../harness/check/features.ts';

const row = (id: string, title: string, claim: string): Feature => ({ id, title, claim });

/** Everything that a gateway can claim. A check belongs to one row; a target that does not claim the row is not asked. */
export const features: readonly Feature[] = [
  row('gateway.provisioning', 'Gateway provisioning', 'A GatewayClass is accepted, and a Gateway of it gets a proxy and an address.'),
  row(
    'gateway.charts',
    'Charts and objects',
    'The charts render and install what their values say, and the controller can be replaced while its proxies serve.',
  ),
  row(
    'gateway.xds-security',
    'Protected configuration',
    'A proxy gets its own configuration only, over a channel that is authenticated, and encrypted where asked for.',
  ),
  row(
    'gateway.security-context',
    'Security context of the proxy',
    'The proxy runs with a restricted security context, which can be left out.',
  ),
  row('gateway.experimental-gate', 'Experimental gate', "A setting switches Gateway API's experimental features on and off."),
  row('gateway.migration', 'Migration', "Resources in the shape that ingress2gateway's emitters give are accepted and served."),
  row('routing.http', 'HTTP routing', 'HTTPRoutes route by host and path and modify headers.'),
  row('routing.delegation', 'Delegation', 'A route hands a part of its paths to routes of others, with the policies that apply there.'),
  row('routing.direct-response', 'Direct response', 'A route answers by itself.'),
  row('routing.rewrites', 'Rewrites', 'A route rewrites paths by regular expressions.'),
  row('routing.tcp-tls', 'TLS termination for TCP', 'A TLS listener ends TLS and hands the plain stream to a TCPRoute.'),
  row('routing.session-persistence', 'Session persistence', 'The requests of a session go to one backend.'),
  row(
    'authentication.ext-auth',
    'External authorization',
    'A server that speaks the ext-authz protocol decides which requests pass; requests are denied while it cannot be asked.',
  ),
  row('authentication.api-key', 'API keys', 'Only requests with a known key pass.'),
  row('authentication.basic', 'Basic authentication', 'Only requests with the password of a known user pass.'),
  row('authentication.jwt', 'JSON Web Tokens', 'Only requests with a valid token of a trusted issuer pass.'),
  row('authentication.exemption', 'Exemptions', 'A route, or a rule of it, asks nobody although a wider policy asks.'),
  row('authentication.oidc', 'OpenID Connect login', 'A browser is sent to the provider to log in, and only its session passes.'),
  row('authorization.rbac', 'Authorization by expression', 'Only requests for which an expression holds pass.'),
  row(
    'mtls.frontend',
    'Client certificates',
    'A listener asks for client certificates and accepts those of the configured authorities only.',
  ),
  row(
    'tls.listener-options',
    'TLS options of a listener',
    'Versions, cipher suites, curves and ALPN of a listener are what its options say.',
  ),
  row(
    'tls.certificate-pinning',
    'Pinned client certificates',
    'A listener accepts only client certificates with given hashes or subject alternative names.',
  ),
  row('tls.backend', 'TLS to backends', 'The gateway talks TLS to a backend, and refuses one that it cannot verify.'),
  row(
    'listener.proxy-protocol',
    'PROXY protocol',
    'A listener takes the address of the client from the PROXY protocol, and nothing else than it.',
  ),
  row('listener.request-id', 'Request ids', 'A listener makes, keeps or replaces request ids as its policy says.'),
  row('listener.early-headers', 'Early header changes', 'A listener changes request headers before anything looks at them.'),
  row(
    'listener.http-settings',
    'HTTP settings of a listener',
    'Health checks, upgrades, timeouts, limits, and headers of a listener are what its policy says.',
  ),
  row('listener.http-listener-policy', 'HTTPListenerPolicy', 'The deprecated policy still works beside its successor.'),
  row(
    'listener.connection-buffer',
    'Connection buffer',
    'The buffer of a connection has the limit that the policy or the annotation says.',
  ),
  row('observability.access-logs', 'Access logs', 'Requests are logged to files and to collectors, filtered as the policy says.'),
  row('observability.tracing', 'Tracing', 'Spans of requests reach the collector.'),
  row('traffic.csrf', 'CSRF protection', 'Requests that change something are refused when they come from a foreign origin.'),
  row('traffic.cors', 'CORS', 'Browsers of the allowed origins, and no others, may read answers.'),
  row('traffic.rate-limit', 'Rate limits', 'Requests beyond a limit are refused, counted by the proxy or by a server.'),
  row('traffic.ext-proc', 'External processing', 'A server changes requests and answers.'),
  row('traffic.timeouts', 'Timeouts', 'A request that takes too long is ended.'),
  row('traffic.retries', 'Retries', 'A request that failed is tried again as often as the policy says.'),
  row('traffic.header-modifiers', 'Header modifiers', 'Policies change headers of requests and answers.'),
  row('traffic.transformation', 'Transformation', 'Templates change headers and bodies of requests and answers.'),
  row('traffic.buffering', 'Buffering and compression', 'Bodies are limited, buffered and compressed as the policy says.'),
  row(
    'backend.resilience',
    'Resilience of backends',
    'Health checks, outlier detection and circuit breakers keep traffic from failing backends.',
  ),
  row('backend.protocol', 'Protocol of backends', 'The gateway speaks to a backend the protocol that it is said to speak.'),
  row(
    'policy.targeting',
    'Targeting and merging of policies',
    'Policies attach where they say, the more specific wins, and nothing reaches across namespaces unasked.',
  ),
  row(
    'xds.nack-metrics',
    'Metrics of rejected configuration',
    'The controller counts configuration that a proxy rejects, by gateway and type.',
  ),
  row(
    'validation.route-replacement',
    'Route replacement',
    'A route whose policy cannot be honoured answers with an error of its own instead of being served without the policy.',
  ),
  row('validation.admission', 'Admission', 'The API server refuses objects of its own kinds that contradict themselves.'),
  row('validation.modes', 'Validation modes', 'Strict validation keeps configuration that the proxy would reject from reaching it.'),
];
