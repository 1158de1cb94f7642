// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { findSuite } from './catalogue.ts';
import { select } from './selection.ts';
import { describeSelection, suiteCommand } from './suite-command.ts';
import { minutes } from '../units.ts';

const { catalogue } = findSuite('v1.4.1');
const core = ['Gateway', 'HTTPRoute', 'ReferenceGrant'];
const published = [...core, 'GRPCRoute', 'HTTPRouteCORS', 'Mesh'];

describe('the suite of a version', () => {
  it('has its tests, profiles and features', () => {
    expect(catalogue.tests).toHaveLength(95);
    expect(catalogue.profiles.map(({ name }) => name)).toEqual(['GATEWAY-HTTP', 'GATEWAY-GRPC', 'GATEWAY-TLS', 'MESH-HTTP', 'MESH-GRPC']);
    const named = new Set(catalogue.tests.flatMap(({ features }) => features));
    expect([...named].filter((feature) => !catalogue.features.includes(feature))).toEqual(['UDPRoute']);
  });

  it.each([
    ['v1.9.0', 'GAUNTLET_NOT_IMPLEMENTED'],
    ['latest', 'GAUNTLET_USAGE'],
  ])('is refused for %s, with the versions that there are', (version, code) => {
    expect(() => findSuite(version)).toThrow(expect.objectContaining({ code, hint: 'Known versions: v1.4.1.' }) as Error);
  });
});

describe('a selection', () => {
  it('takes the profiles whose core the class publishes, and leaves the inference to the suite', () => {
    const selection = select(catalogue, published, { features: 'inferred' });
    expect(selection.profiles).toEqual(['GATEWAY-HTTP', 'GATEWAY-GRPC']);
    expect(selection.features).toEqual({
      source: 'inferred',
      supported: ['GRPCRoute', 'Gateway', 'HTTPRoute', 'HTTPRouteCORS', 'ReferenceGrant'],
    });
    expect(selection.statedFeatures).toEqual([]);
    expect(selection.tests).toContain('HTTPRouteCORSAllowCredentialsBehavior');
    expect(selection.tests.filter((name) => name.startsWith('Mesh') || name.startsWith('TLSRoute'))).toEqual([]);
  });

  it('tells the suite what it would have inferred when it runs one test, for then it does not', () => {
    const selection = select(catalogue, published, { features: 'inferred', runTest: 'HTTPRouteWeight' });
    expect(selection).toMatchObject({
      runTest: 'HTTPRouteWeight',
      tests: ['HTTPRouteWeight'],
      statedFeatures: [...core, 'GRPCRoute', 'HTTPRouteCORS'],
    });
  });

  it('adds the core of the profiles to a list of features, as the suite does', () => {
    const selection = select(catalogue, published, { features: ['HTTPRouteCORS'], profiles: ['GATEWAY-HTTP'] });
    expect(selection).toMatchObject({
      statedFeatures: ['HTTPRouteCORS'],
      features: { source: 'list', supported: [...core, 'HTTPRouteCORS'].sort() },
    });
  });

  it('can name a feature that is on no list of the suite', () => {
    const { tests } = select(catalogue, published, { features: ['UDPRoute'], profiles: ['GATEWAY-HTTP'] });
    expect(tests).toContain('UDPRoute');
  });

  it('means by all what a gateway can have, and no service mesh', () => {
    const { statedFeatures, tests } = select(catalogue, published, { features: 'all' });
    expect(statedFeatures).toContain('GatewayStaticAddresses');
    expect(statedFeatures.filter((feature) => catalogue.meshFeatures.includes(feature))).toEqual([]);
    expect(tests.filter((name) => name.startsWith('Mesh'))).toEqual([]);
  });

  it('takes all profiles for gateways where the class publishes nothing', () => {
    expect(select(catalogue, [], { features: 'all' }).profiles).toEqual(['GATEWAY-HTTP', 'GATEWAY-GRPC', 'GATEWAY-TLS']);
  });

  it.each([
    ['a profile', { features: 'all', profiles: ['GATEWAY-UDP'] }, 'Known: GATEWAY-HTTP, GATEWAY-GRPC, GATEWAY-TLS.'],
    ['a profile of meshes', { features: 'all', profiles: ['MESH-HTTP'] }, 'Known: GATEWAY-HTTP, GATEWAY-GRPC, GATEWAY-TLS.'],
    ['a feature', { features: ['httproutecors'] }, 'Similar: HTTPRouteCORS.'],
    ['a feature of meshes', { features: ['Mesh'] }, 'Known: '],
    ['a test', { features: 'all', runTest: 'HTTPRouteWeights' }, 'Known: '],
    ['a test of meshes', { features: 'all', runTest: 'MeshBasic' }, 'Known: '],
    ['a test, nearly', { features: 'all', runTest: 'routeweight' }, 'Similar: GRPCRouteWeight, HTTPRouteWeight.'],
  ] as const)('refuses %s that the suite does not have', (_, request, hint) => {
    expect(() => select(catalogue, published, request)).toThrow(
      expect.objectContaining({ code: 'GAUNTLET_USAGE', hint: expect.stringContaining(hint) as string }) as Error,
    );
  });

  it.each([
    ['features', [], 'names no supported features'],
    ['profiles', ['HTTPRouteCORS'], 'publishes the core features of no profile'],
  ])('cannot infer %s that the class does not publish', (_, names, message) => {
    expect(() => select(catalogue, names, { features: 'inferred', ...(names.length === 0 ? { profiles: ['GATEWAY-HTTP'] } : {}) })).toThrow(
      message,
    );
  });
});

describe('the command of the suite', () => {
  const target = {
    name: 'kgateway',
    version: '2.2.0',
    organization: 'kgateway-dev',
    url: 'example.test/kgateway',
    contact: ['a', 'b'],
    gatewayClass: 'class',
  };
  const options = { binary: '/t/conformance.test', kubeconfig: '/k', target, report: '/r/report.yaml', timeout: minutes(1) };

  it('sets every option', () => {
    const command = suiteCommand(options, select(catalogue, published, { features: 'inferred', runTest: 'HTTPRouteWeight' }));
    expect(command.args.slice(command.args.indexOf('/t/conformance.test') + 1)).toEqual([
      '-test.v=test2json',
      '-test.timeout=60000ms',
      '-test.count=1',
      '-kubeconfig=/k',
      '-gateway-class=class',
      '-mesh-name=',
      '-conformance-profiles=GATEWAY-HTTP,GATEWAY-GRPC',
      '-supported-features=Gateway,HTTPRoute,ReferenceGrant,GRPCRoute,HTTPRouteCORS',
      '-exempt-features=',
      '-all-features=false',
      '-run-test=HTTPRouteWeight',
      '-skip-tests=',
      '-skip-provisional-tests=false',
      '-organization=kgateway-dev',
      '-project=kgateway',
      '-url=example.test/kgateway',
      '-version=v2.2.0',
      '-contact=a,b',
      '-mode=default',
      '-namespace-labels=',
      '-namespace-annotations=',
      '-cleanup-base-resources=true',
      '-allow-crds-mismatch=false',
      '-debug=false',
      '-report-output=/r/report.yaml',
    ]);
  });

  it('is described with where the features are from', () => {
    const selection = select(catalogue, published, { features: 'inferred', profiles: ['GATEWAY-HTTP'] });
    expect(describeSelection(selection, 'class', minutes(1))).toBe(
      'GATEWAY-HTTP; 5 features, inferred from GatewayClass class: GRPCRoute, Gateway, HTTPRoute, HTTPRouteCORS, ReferenceGrant; at most 1 min 00 s',
    );
  });
});
