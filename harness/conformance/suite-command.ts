// SPDX-License-Identifier: Apache-2.0
import { endingWithParent, type Command } from '../process/command.ts';
import type { Target } from '../target/target.ts';
import { formatDuration, type Duration } from '../units.ts';
import type { Selection } from './selection.ts';

/** What a run of the suite is made of besides the selection. */
export interface SuiteCommandOptions {
  /** Path of the suite's binary. */
  readonly binary: string;
  readonly kubeconfig: string;
  readonly target: Pick<Target, 'name' | 'version' | 'organization' | 'url' | 'contact' | 'gatewayClass'>;
  /** Where the suite writes its report. */
  readonly report: string;
  /** After which the suite gives up by itself, naming the test that it is in. */
  readonly timeout: Duration;
}

/** The suite as a command, every option of it set, so that no default of another version changes what is run. */
export function suiteCommand({ binary, kubeconfig, target, report, timeout }: SuiteCommandOptions, selection: Selection): Command {
  const options: Readonly<Record<string, string>> = {
    'test.v': 'test2json',
    'test.timeout': `${timeout.ms}ms`,
    'test.count': '1',
    kubeconfig,
    'gateway-class': target.gatewayClass,
    'mesh-name': '',
    'conformance-profiles': selection.profiles.join(','),
    'supported-features': selection.statedFeatures.join(','),
    'exempt-features': '',
    'all-features': 'false',
    'run-test': selection.runTest ?? '',
    'skip-tests': '',
    'skip-provisional-tests': 'false',
    organization: target.organization,
    project: target.name,
    url: target.url,
    version: `v${target.version}`,
    contact: target.contact.join(','),
    mode: 'default',
    'namespace-labels': '',
    'namespace-annotations': '',
    'cleanup-base-resources': 'true',
    'allow-crds-mismatch': 'false',
    debug: 'false',
    'report-output': report,
  };
  const args = Object.entries(options).map(([name, value]) => `-${name}=${value}`);
  return endingWithParent({ file: binary, args });
}

/** The features of a selection, for a person. */
export function describeSelection(selection: Selection, gatewayClass: string, timeout: Duration): string {
  const { source, supported } = selection.features;
  const origin = { inferred: `inferred from GatewayClass ${gatewayClass}`, all: 'all of the suite for gateways', list: 'as listed' }[
    source
  ];
  return `${selection.profiles.join(', ')}; ${supported.length} features, ${origin}: ${supported.join(', ')}; at most ${formatDuration(timeout)}`;
}
