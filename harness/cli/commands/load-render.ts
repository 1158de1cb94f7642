// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { parseAllDocuments } from 'yaml';
import { bundleScript, distributedScenarios, type DistributedScenario } from '../../../scenarios/distributed.ts';
import { k6OperatorManifests, manifestsAsYaml, type DistributedRun } from '../../bench/k6-operator/manifests.ts';
import { GauntletError, messageOf } from '../../errors.ts';
import { assertFitsDefinition } from '../../kube/custom-resource-schema.ts';
import { k6 } from '../../toolchain/definitions/k6.ts';
import { collectPair, wholeNumber } from '../options.ts';

interface RenderOptions {
  readonly url: URL;
  readonly host?: string;
  readonly rate: number;
  readonly seconds: number;
  readonly parallelism: number;
  readonly namespace: string;
  readonly image: string;
  readonly starterImage?: string;
  readonly runnerCpu: string;
  readonly runnerMemory: string;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly separate: boolean;
  readonly crd?: string;
  readonly out?: string;
}

/** Of pods that do next to nothing. */
const small = { cpu: '100m', memory: '256Mi' };

/** `gauntlet load render`: a scenario's load as manifests for an operator of a cluster that exists. */
export function loadRenderCommand(): Command {
  return new Command('render')
    .description('Write the manifests by which an existing cluster makes the load of a scenario from several runners at once')
    .argument('<scenario>', `one of ${distributedScenarios.map(({ id }) => id).join(', ')}`)
    .addOption(new Option('--to <operator>', 'who runs it').choices(['k6-operator']).default('k6-operator'))
    .addOption(new Option('--url <url>', 'what is asked, as the runners reach it').argParser(webUrl).makeOptionMandatory())
    .option('--host <name>', 'in the Host field of requests; that of the URL by default')
    .option('--rate <n>', 'requests a second, all runners together', wholeNumber(1), 1000)
    .option('--seconds <n>', 'for which they are sent', wholeNumber(1), 60)
    .option('--parallelism <n>', 'runners', wholeNumber(1), 2)
    .option('--namespace <name>', 'of the TestRun', 'default')
    .option('--image <reference>', 'of k6, best by digest', `grafana/k6:${k6.version}`)
    .option('--starter-image <reference>', 'of the pod that starts the runners; the default is that of the operator')
    .option('--runner-cpu <quantity>', 'processors of each runner', '1')
    .option('--runner-memory <quantity>', 'memory of each runner', '1Gi')
    .addOption(
      new Option('--node-selector <label=value>', 'run on nodes with this label; repeatable').argParser(collectPair).default({}, 'none'),
    )
    .option('--separate', 'each runner on a node of its own', false)
    .option('--crd <file>', 'hold the TestRun against this CustomResourceDefinition of the operator')
    .option('--out <folder>', 'write a file there, and not to the terminal')
    .action(async (id: string, options: RenderOptions) => {
      const run = await describe(scenarioCalled(id), options);
      const manifests = k6OperatorManifests(run);
      if (options.crd !== undefined) assertFitsDefinition(manifests[1], definitionsIn(options.crd), options.crd);
      const yaml = manifestsAsYaml(manifests);
      if (options.out === undefined) {
        process.stdout.write(yaml);
        return;
      }
      mkdirSync(options.out, { recursive: true });
      const file = join(options.out, `${run.name}.k6-operator.yaml`);
      writeFileSync(file, yaml);
      process.stdout.write(`${file}\n`);
    });
}

function scenarioCalled(id: string): DistributedScenario {
  const scenario = distributedScenarios.find((one) => one.id === id);
  if (scenario !== undefined) return scenario;
  throw new GauntletError('GAUNTLET_UNKNOWN_CHECK', `No scenario that several runners can run is called ${id}`, {
    hint: `There are ${distributedScenarios.map((one) => one.id).join(', ')}.`,
  });
}

async function describe(scenario: DistributedScenario, options: RenderOptions): Promise<DistributedRun> {
  const { url, host, rate, seconds, parallelism, namespace, image, starterImage, runnerCpu, runnerMemory, nodeSelector, separate } =
    options;
  return {
    name: scenario.id,
    namespace,
    script: { file: `${scenario.id}.js`, text: await bundleScript(scenario) },
    parallelism,
    settings: { URL: url.href, HOST: host ?? url.host, RATE: String(rate), SECONDS: String(seconds) },
    image,
    ...(starterImage === undefined ? {} : { starterImage }),
    resources: { runner: { cpu: runnerCpu, memory: runnerMemory }, initializer: small, starter: small },
    ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
    separate,
  };
}

function webUrl(text: string): URL {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return new URL(text);
  throw new InvalidArgumentError('Expected an address that begins with http:// or https://.');
}

function definitionsIn(file: string): readonly unknown[] {
  try {
    return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as unknown);
  } catch (error) {
    throw new GauntletError('GAUNTLET_CONFIG_INVALID', `${file} cannot be read: ${messageOf(error)}`, {
      hint: 'It should hold the CustomResourceDefinition testruns.k6.io, as the operator publishes it.',
      cause: error,
    });
  }
}
