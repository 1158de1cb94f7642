// SPDX-License-Identifier: Apache-2.0
import type { Arrival, RateLimitDescriptor } from '../../harness/probe/exchange.ts';
import type { RateLimit } from './behaviour.ts';

/**
 * `envoy.service.ratelimit.v3.RateLimitRequest`, as proto-loader decodes it.
 *
 * @see envoy api/envoy/service/ratelimit/v3/rls.proto
 */
export interface RateLimitRequest {
  readonly domain?: string;
  readonly descriptors?: readonly { readonly entries?: readonly { readonly key?: string; readonly value?: string }[] }[];
  readonly hitsAddend?: number;
}

/** Whether something is within its limit. */
export type Code = 'OK' | 'OVER_LIMIT';

/** What is said of one descriptor, in the order of the request's. */
export interface DescriptorStatus {
  readonly code: Code;
  readonly currentLimit?: { readonly requestsPerUnit: number; readonly unit: RateLimit['unit'] };
  readonly limitRemaining?: number;
  readonly durationUntilReset?: { readonly seconds: number };
}

interface HeaderValue {
  readonly key: string;
  readonly value: string;
}

/** `envoy.service.ratelimit.v3.RateLimitResponse`. */
export interface RateLimitResponse {
  readonly overallCode: Code;
  readonly statuses: readonly DescriptorStatus[];
  readonly responseHeadersToAdd: readonly HeaderValue[];
  readonly requestHeadersToAdd: readonly HeaderValue[];
}

/** The descriptors of a request; what proto3 leaves out of a message is empty. */
export function descriptorsOf({ descriptors = [] }: RateLimitRequest): readonly RateLimitDescriptor[] {
  return descriptors.map(({ entries = [] }) => entries.map(({ key = '', value = '' }) => ({ key, value })));
}

/**
 * The question as an arrival: its domain is the path. The service is told no headers, so the id of the client's request is only known
 * where a descriptor has it as an entry.
 */
export function arrivalOf(request: RateLimitRequest, at: number): Arrival {
  const descriptors = descriptorsOf(request);
  const id = descriptors.flat().find(({ key }) => key === 'x-gauntlet-id')?.value ?? '';
  return { id, method: 'ShouldRateLimit', path: request.domain ?? '', host: '', headers: {}, at, descriptors };
}

/** Headers as the message has them. */
export function headerValues(headers: Readonly<Record<string, string>>): readonly HeaderValue[] {
  return Object.entries(headers).map(([key, value]) => ({ key, value }));
}
