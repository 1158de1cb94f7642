// SPDX-License-Identifier: Apache-2.0
import type { SpecificationLink } from '../../../harness/check/check.ts';
import { gateway, type Gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute, type HttpRoute } from '../../../fixtures/gateway-api/http-route.ts';

/* What ingress2gateway makes of an Ingress for ingress-nginx, in the shape that its kgateway emitter gave when the release came out. */

const commit = '4ec77f4';

/** A file with what the emitter gives for one kind of annotation. */
export const emitted = (file: string): SpecificationLink => ({
  title: `ingress2gateway, kgateway emitter: ${file}`,
  url: `https://github.com/kgateway-dev/ingress2gateway/blob/${commit}/pkg/i2gw/emitters/kgateway/testing/testdata/output/${file}`,
});

const generator = { 'gateway.networking.k8s.io/generator': 'ingress2gateway-dev' };

/** Names are made of the host. */
const label = (host: string): string => host.replaceAll('.', '-');

/** Name of a host's listener. */
export const listenerOf = (host: string, scheme: 'http' | 'https'): string => `${label(host)}-${scheme}`;

/** The Gateway of an ingress class: listeners for each host, on the ports that an Ingress has; with TLS where there is a Secret for it. */
export function emittedGateway(hosts: readonly { readonly host: string; readonly tls?: string }[]): Gateway {
  return hosts.reduce((built, { host, tls }) => {
    const plain = built.listener({ name: listenerOf(host, 'http'), port: 80, protocol: 'HTTP', hostname: host });
    if (tls === undefined) return plain;
    return plain.listener({ name: listenerOf(host, 'https'), port: 443, protocol: 'HTTPS', hostname: host, certificates: [tls] });
  }, gateway('nginx').annotated(generator));
}

/** The route of an Ingress for one host, without rules. */
export function emittedRoute(
  ingress: string,
  host: string,
  on: { readonly name: string; readonly namespace: string },
  listener?: 'http' | 'https',
): HttpRoute {
  const suffix = listener === undefined ? '' : listener === 'http' ? '-http-redirect' : '-https';
  return httpRoute(`${ingress}-${label(host)}${suffix}`)
    .annotated(generator)
    .on(on, listener === undefined ? undefined : listenerOf(host, listener))
    .host(host);
}
