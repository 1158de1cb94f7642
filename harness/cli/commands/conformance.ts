// SPDX-License-Identifier: Apache-2.0
import { Command, Option } from 'commander';
import { findSuite } from '../../conformance/catalogue.ts';
import { select, type SuiteRequest } from '../../conformance/selection.ts';
import { withSessionOptions, type SessionOptions } from '../options.ts';
import type { ConformanceJob } from '../session/job.ts';
import { executeSession } from '../session/session.ts';

interface ConformanceOptions extends SessionOptions {
  readonly profiles?: readonly string[];
  readonly features: string;
  readonly runTest?: string;
  readonly api: string;
}

const commaList = (text: string): readonly string[] => text.split(',').filter((part) => part !== '');

/** `gauntlet conformance`: the upstream suite, unmodified. */
export function conformanceCommand(): Command {
  return withSessionOptions(
    new Command('conformance')
      .description('Run the upstream Gateway API conformance suite, unmodified, and keep its report as written')
      .option('--profiles <list>', 'conformance profiles, comma-separated; all that the suite has for gateways by default', commaList)
      .addOption(
        new Option('--features <features>', 'inferred (from the GatewayClass), all, or a comma-separated list').default('inferred'),
      )
      .option('--run-test <name>', 'only the test with this short name')
      .addOption(new Option('--api <version>', 'version of the suite').default('v1.4.1')),
  ).action(async (options: ConformanceOptions) => {
    const { api, profiles, runTest } = options;
    const request: SuiteRequest = {
      features: options.features === 'inferred' || options.features === 'all' ? options.features : commaList(options.features),
      ...(profiles === undefined ? {} : { profiles }),
      ...(runTest === undefined ? {} : { runTest }),
    };
    assertKnown(api, request);
    const work: ConformanceJob = { kind: 'conformance', apiVersion: api, ...request };
    process.exitCode = await executeSession({ kind: 'conformance', options, jobs: 1, seed: 0, plan: [], work });
  });
}

/** Refuses what the suite does not have before a cluster is started for it: whatever the gateway will publish, these names must exist. */
function assertKnown(api: string, request: SuiteRequest): void {
  const { catalogue } = findSuite(api);
  select(catalogue, catalogue.features, request);
}
