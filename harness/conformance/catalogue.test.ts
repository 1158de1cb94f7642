// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { catalogues, findSuite } from './catalogue.ts';

const names = catalogues.map(({ apiVersion }) => apiVersion);

it('there is one catalogue for each version, oldest first, and one for the suite that Gauntlet runs', () => {
  expect(names).toEqual([...new Set(names)].toSorted());
  expect(names).toContain(findSuite('v1.4.1').catalogue.apiVersion);
});

describe.each(catalogues.map((catalogue) => ({ catalogue, version: catalogue.apiVersion })))('$version', ({ catalogue }) => {
  const known = new Set(catalogue.features);

  it('has profiles of features that it lists', () => {
    expect(catalogue.profiles.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['GATEWAY-HTTP', 'GATEWAY-GRPC', 'GATEWAY-TLS', 'MESH-HTTP']),
    );
    for (const { core, extended } of catalogue.profiles)
      expect([...core, ...extended].filter((feature) => !known.has(feature))).toEqual([]);
  });

  it('has tests with names of their own, each with features', () => {
    const tests = catalogue.tests.map(({ name }) => name);
    expect(tests.filter((name, index) => tests.indexOf(name) < index)).toEqual([]);
    expect(catalogue.tests.filter(({ features }) => features.length === 0)).toEqual([]);
  });
});
