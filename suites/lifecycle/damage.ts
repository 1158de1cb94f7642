// SPDX-License-Identifier: Apache-2.0
import type { Resource } from '../../harness/kube/kube.ts';

const noise = 'not what was expected: {{';

/** A Secret or a ConfigMap whose values are unreadable. */
export function corrupted(resource: Resource): Resource {
  const data = resource['data'] as Readonly<Record<string, string>> | undefined;
  if (data === undefined) return resource;
  const value = resource.kind === 'Secret' ? Buffer.from(noise).toString('base64') : noise;
  return { ...resource, data: Object.fromEntries(Object.keys(data).map((key) => [key, value])) };
}

/** An object whose references to backends name one that does not exist, and whose inline values are unreadable. */
export function misdirected(resource: Resource): Resource {
  const changed = (value: unknown, field: string): unknown => {
    if (Array.isArray(value)) return value.map((one) => changed(one, field));
    if (typeof value !== 'object' || value === null) return field === 'inline' ? noise : value;
    const entries = Object.entries(value).map(([name, inner]) => [name, changed(inner, name)] as const);
    return { ...Object.fromEntries(entries), ...(field === 'backendRef' ? { name: 'nobody' } : {}) };
  };
  return { ...resource, spec: changed(resource['spec'], 'spec') };
}
