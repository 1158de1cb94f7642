// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { execa } from 'execa';
import { GauntletError } from '../errors.ts';
import { endingWithParent } from '../process/command.ts';
import type { ToolName } from '../toolchain/tool.ts';
import type { Target, TargetChart } from './target.ts';

/** Prepared tools that an installation uses. */
export interface InstallTools {
  /** Absolute path of the helm binary. */
  readonly helm: string;
  /** Absolute path of the kubectl binary. */
  readonly kubectl: string;
  /** Folder of each prepared tool by name; those that the target names are among them. */
  readonly toolDirectories: Readonly<Record<string, string>>;
}

/** What Helm says when it is not the chart that is wrong, but the cluster that cannot be talked to. */
const unreachable =
  /cluster unreachable|connection refused|no such host|i\/o timeout|deadline exceeded|handshake|connection reset|\bEOF\b/i;

/**
 * Renders the charts that take values of the user, without a cluster: what Helm refuses shows before anything starts.
 *
 * @throws GauntletError `GAUNTLET_CHART_REFUSED` with Helm's own words.
 */
export async function checkCharts(target: Target, helmSet: readonly string[], tools: InstallTools, signal?: AbortSignal): Promise<void> {
  for (const chart of target.charts.filter(({ definitionsOnly }) => !definitionsOnly)) {
    const set = chart === target.charts.at(-1) ? helmSet : [];
    await runHelm(['template', ...chartArguments(chart, set, tools)], chart, tools, signal);
  }
}

/** What Helm makes of a chart without a cluster: the objects as text in YAML, or Helm's own words for not accepting the values. */
export type RenderedChart = { readonly objects: string } | { readonly refused: string };

/** Renders a chart as it would be installed; values that it refuses are an answer and no error. */
export async function renderChart(
  chart: TargetChart,
  options: { readonly helmSet: readonly string[]; readonly tools: InstallTools; readonly signal?: AbortSignal },
): Promise<RenderedChart> {
  const { helmSet, tools, signal } = options;
  const result = await helm(['template', ...chartArguments(chart, helmSet, tools)], chart, tools, signal);
  return result.failed ? { refused: wordsOf(result) } : { objects: result.stdout };
}

/**
 * Installs a chart, or brings an installed one to these values.
 *
 * @throws GauntletError `GAUNTLET_CHART_REFUSED` with Helm's own words; `GAUNTLET_TARGET_INSTALL` if the cluster cannot be reached.
 */
export async function installChart(
  chart: TargetChart,
  options: {
    readonly helmSet: readonly string[];
    readonly kubeconfig: string;
    readonly tools: InstallTools;
    readonly signal?: AbortSignal;
  },
): Promise<void> {
  const { helmSet, kubeconfig, tools, signal } = options;
  const args = ['upgrade', '--install', ...chartArguments(chart, helmSet, tools), '--create-namespace', '--kubeconfig', kubeconfig];
  await runHelm(args, chart, tools, signal);
}

/** Folder of an output of a prepared tool. */
export function toolFolder({ toolDirectories }: Pick<InstallTools, 'toolDirectories'>, tool: ToolName, output: string): string {
  const directory = toolDirectories[tool];
  if (directory === undefined) {
    throw new GauntletError('GAUNTLET_INTERNAL', `The tool ${tool} is needed to install the target, but was not prepared`, {
      hint: 'This is a defect of Gauntlet: please report it.',
    });
  }
  return join(directory, output);
}

function chartArguments(chart: TargetChart, helmSet: readonly string[], tools: InstallTools): readonly string[] {
  const set = helmSet.flatMap((pair) => ['--set', pair]);
  return [chart.release, toolFolder(tools, chart.tool, chart.path), '--namespace', chart.namespace, '--values', '-', ...set];
}

interface HelmResult {
  readonly failed: boolean;
  readonly stdout: string;
  readonly stderr: string;
  readonly shortMessage?: string | undefined;
}

async function helm(args: readonly string[], chart: TargetChart, tools: InstallTools, signal?: AbortSignal): Promise<HelmResult> {
  const command = endingWithParent({ file: tools.helm, args });
  const result = await execa(command.file, command.args, {
    input: JSON.stringify(chart.values),
    reject: false,
    ...(signal && { cancelSignal: signal }),
  });
  signal?.throwIfAborted();
  return result;
}

const wordsOf = ({ stderr, shortMessage }: HelmResult): string => shorten(stderr.trim() || (shortMessage ?? ''));

async function runHelm(args: readonly string[], chart: TargetChart, tools: InstallTools, signal?: AbortSignal): Promise<void> {
  const result = await helm(args, chart, tools, signal);
  if (!result.failed) return;
  const words = wordsOf(result);
  if (unreachable.test(words)) {
    throw new GauntletError(
      'GAUNTLET_TARGET_INSTALL',
      `Installing the chart ${chart.release} failed, the cluster did not answer: ${words}`,
      {
        hint: 'Look at the log of kube-apiserver: gauntlet cluster logs kube-apiserver.',
      },
    );
  }
  throw new GauntletError('GAUNTLET_CHART_REFUSED', `Helm refused the chart ${chart.release}: ${words}`, {
    hint: 'Correct the values given by --helm-set.',
  });
}

/** Helm quotes whole objects; what is wrong with them stands before and after. */
function shorten(words: string): string {
  const kept = 600;
  return words.length <= 2 * kept ? words : `${words.slice(0, kept)} ... ${words.slice(-kept)}`;
}
