// SPDX-License-Identifier: Apache-2.0
import type { SpecificationLink } from '../harness/check/check.ts';

/** A section of an RFC. */
export const rfc = (number: number, section: string): SpecificationLink => ({
  title: `RFC ${number} ${section}`,
  url: `https://www.rfc-editor.org/rfc/rfc${number}#section-${section}`,
});

/** A type of the Gateway API v1.4.1, where its fields are specified. */
export const gatewayApi = (type: string, file: string): SpecificationLink => ({
  title: `Gateway API v1.4.1 ${type}`,
  url: `https://github.com/kubernetes-sigs/gateway-api/blob/v1.4.1/apis/v1/${file}`,
});

/** A Gateway API enhancement proposal. */
export const gep = (number: number): SpecificationLink => ({
  title: `Gateway API GEP-${number}`,
  url: `https://gateway-api.sigs.k8s.io/geps/gep-${number}/`,
});

/** A specification of the OpenID Foundation, or a part of one. */
export const openId = (title: string, page: string): SpecificationLink => ({ title, url: `https://openid.net/specs/${page}` });

/** A source file of kgateway v2.2.0. */
export const kgatewaySource = (file: string): SpecificationLink => ({
  title: `kgateway v2.2.0 ${file}`,
  url: `https://github.com/kgateway-dev/kgateway/blob/v2.2.0/${file}`,
});

/** A page of the Envoy 1.36 documentation. */
export const envoyDocs = (title: string, page: string): SpecificationLink => ({
  title: `Envoy 1.36 ${title}`,
  url: `https://www.envoyproxy.io/docs/envoy/v1.36.4/${page}`,
});
