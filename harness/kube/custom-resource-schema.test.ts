// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { assertFitsDefinition } from './custom-resource-schema.ts';
import type { Resource } from './kube.ts';

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.test.gauntlet.dev' },
  spec: {
    group: 'test.gauntlet.dev',
    names: { kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              apiVersion: { type: 'string' },
              kind: { type: 'string' },
              metadata: { type: 'object' },
              spec: {
                type: 'object',
                required: ['size'],
                properties: {
                  size: { type: 'integer', format: 'int32' },
                  limit: { anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true },
                  any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                  labels: { type: 'object', additionalProperties: { type: 'string' } },
                },
              },
            },
          },
        },
      },
    ],
  },
};
const widget = (spec: object): Resource => ({ apiVersion: 'test.gauntlet.dev/v1', kind: 'Widget', metadata: { name: 'w' }, spec });
const fits = (resource: Resource, documents: readonly unknown[] = [null, { kind: 'Namespace' }, definition]) =>
  assertFitsDefinition(resource, documents, 'crd.yaml');
const refused = (message: RegExp): unknown =>
  expect.objectContaining({ code: 'GAUNTLET_CONFIG_INVALID', message: expect.stringMatching(message) as string });

describe('a resource', () => {
  it('that fits its definition is let pass', () => {
    expect(() => fits(widget({ size: 1, limit: '1Gi', any: { a: [1] }, labels: { a: 'b' } }))).not.toThrow();
    expect(() => fits(widget({ size: 1, limit: 1 }))).not.toThrow();
  });

  it('with a field that the definition does not have is refused, though the API server would drop it', () => {
    expect(() => fits(widget({ size: 1, sise: 2 }))).toThrow(refused(/\/spec .*: sise/));
  });

  it('with a value of another type, or without what is required, is refused', () => {
    expect(() => fits(widget({ size: 'large' }))).toThrow(refused(/\/spec\/size must be integer/));
    expect(() => fits(widget({}))).toThrow(refused(/'size'/));
  });

  it('cannot be held against a file that does not define it, or is broken', () => {
    expect(() => fits(widget({ size: 1 }), [])).toThrow(refused(/does not define test\.gauntlet\.dev\/v1 Widget/));
    expect(() => fits({ ...widget({ size: 1 }), apiVersion: 'test.gauntlet.dev/v2' })).toThrow(refused(/does not define/));
    expect(() => fits(widget({ size: 1 }), [{ kind: 'CustomResourceDefinition' }])).toThrow(refused(/cannot be read/));
  });
});
