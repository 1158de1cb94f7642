// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseReport } from './report.ts';

const directory = join(import.meta.dirname, 'testdata/reports');
const read = (name: string) => readFileSync(join(directory, name), 'utf8');
const kgateway = read('v1.4.1-kgateway-v2.2.1.yaml');

describe('a published report', () => {
  it('is read with all that Gauntlet shows of it', () => {
    const success = { result: 'success', failed: 0, skipped: 0, failedTests: [], skippedTests: [] };
    expect(parseReport(kgateway)).toEqual({
      kind: 'ConformanceReport',
      gatewayAPIVersion: 'v1.4.1',
      gatewayAPIChannel: 'experimental',
      mode: 'default',
      implementation: {
        organization: 'kgateway-dev',
        project: 'kgateway',
        url: 'github.com/kgateway-dev/kgateway',
        version: 'v2.2.1',
        contact: ['github.com/kgateway-dev/kgateway/issues/new/choose'],
      },
      profiles: [
        { name: 'GATEWAY-HTTP', core: { ...success, passed: 33 }, extended: { ...success, passed: 26 } },
        { name: 'GATEWAY-GRPC', core: { ...success, passed: 13 }, extended: { ...success, passed: 2 } },
        { name: 'GATEWAY-TLS', core: { ...success, passed: 11 }, extended: { ...success, passed: 2 } },
      ],
      provisional: [
        'GRPCRouteNamedRule',
        'GatewayInfrastructure',
        'GatewayOptionalAddressValue',
        'HTTPRouteNamedRule',
        'HTTPRouteRequestPercentageMirror',
      ],
    });
  });

  it('may have skipped tests, and no extended part', () => {
    const [profile] = parseReport(read('v1.3.0-gravitee-standard-4.8.5.yaml')).profiles;
    expect(profile?.core).toMatchObject({
      result: 'partial',
      passed: 31,
      skipped: 2,
      skippedTests: ['HTTPRouteMatchingAcrossRoutes', 'HTTPRouteServiceTypes'],
    });
    expect(profile).not.toHaveProperty('extended');
  });

  it.each(readdirSync(directory))('%s is read, with the counts that its text has', (name) => {
    const text = read(name);
    const { profiles } = parseReport(text);
    const passed = profiles
      .flatMap(({ core, extended }) => [core.passed, extended?.passed ?? 0])
      .reduce((total, count) => total + count, 0);
    const inText = [...text.matchAll(/Passed: (\d+)/g)].reduce((total, match) => total + Number(match[1]), 0);
    expect(passed).toBe(inText);
    expect(profiles.length).toBe([...text.matchAll(/^ {2}name: /gm)].length);
  });

  it('names the tests that failed', () => {
    const failed = kgateway.replace(
      'result: success\n    statistics:\n      Failed: 0',
      'result: failure\n    failedTests:\n    - GatewayClass\n    statistics:\n      Failed: 1',
    );
    expect(parseReport(failed).profiles[0]?.core).toMatchObject({ result: 'failure', failed: 1, failedTests: ['GatewayClass'] });
  });
});

describe('what is no report', () => {
  it.each([
    ['empty', ''],
    ['no YAML', '\t- {'],
    ['another kind', kgateway.replace('kind: ConformanceReport', 'kind: Gateway')],
    ['a count that is no number', kgateway.replace('Passed: 33', 'Passed: many')],
  ])('is refused: %s', (_, text) => {
    expect(() => parseReport(text)).toThrow(expect.objectContaining({ code: 'GAUNTLET_SUITE' }) as Error);
  });

  it('is refused with the place of the mistake', () => {
    expect(() => parseReport(kgateway.replace('Passed: 33', 'Passed: many'))).toThrow('profiles[0].core.statistics.Passed');
  });
});
