// SPDX-License-Identifier: Apache-2.0
import { Command } from 'commander';
import { GauntletError } from '../../errors.ts';
import { toolDefinitions } from '../../toolchain/definitions/index.ts';
import { Toolchain } from '../../toolchain/toolchain.ts';
import type { ToolDefinition, ToolName, ToolStatus } from '../../toolchain/tool.ts';
import { formatDuration } from '../../units.ts';
import { withToolOption } from '../options.ts';
import { cacheDirectory } from '../paths.ts';
import { prepareTools } from '../tool-progress.ts';

interface ToolsOptions {
  readonly tool: Readonly<Record<string, string>>;
  readonly verify: boolean;
  readonly json: boolean;
}

/** `gauntlet tools`: what the cluster and the runs are made of, and where it comes from. */
export function toolsCommand(): Command {
  return withToolOption(
    new Command('tools')
      .description('List each tool with version, source and digest, and what is missing')
      .option('--verify', 'compare every cached file with its digest first, and remove what is corrupt', false)
      .option('--json', 'print JSON', false),
  )
    .action(listTools)
    .addCommand(
      withToolOption(
        new Command('prepare')
          .description('Make tools ready: those named, or all that runs need unless they are asked for more')
          .argument('[tools...]', 'names of tools'),
      ).action(prepareCommand),
    );
}

function open(options: Pick<ToolsOptions, 'tool'>): Toolchain {
  return Toolchain.open({ cacheDirectory: cacheDirectory(), given: options.tool });
}

async function listTools(options: ToolsOptions): Promise<void> {
  await using toolchain = open(options);
  if (options.verify) {
    for (const { name, architecture, reason } of await toolchain.verify()) {
      process.stderr.write(`removed ${name} (${architecture}) from the cache: ${reason}\n`);
    }
  }
  const statuses = await toolchain.list();
  process.stdout.write(options.json ? `${JSON.stringify(statuses, undefined, 2)}\n` : toolTable(statuses));
}

function toolTable(statuses: readonly ToolStatus[]): string {
  const rows = statuses.map(({ name, version, resolved, missing }) =>
    resolved
      ? [name, version, resolved.origin, resolved.digest.slice(0, 19), resolved.provenance]
      : [
          name,
          version,
          'missing',
          '',
          `${missing?.reason ?? ''}; ${missing?.plan ?? ''}${missing ? ` (about ${formatDuration(missing.expected)})` : ''}`,
        ],
  );
  const header = ['tool', 'version', 'source', 'digest', 'how it came or comes'];
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => (column === 4 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ');
  const absent = statuses.filter(({ missing }) => missing).length;
  const summary =
    absent === 0 ? 'All tools are ready.' : `${absent} of ${statuses.length} are missing: gauntlet tools prepare makes them ready.`;
  return `${[line(header), ...rows.map(line)].join('\n')}\n${summary}\n`;
}

async function prepareCommand(names: readonly string[], options: Pick<ToolsOptions, 'tool'>): Promise<void> {
  const known = toolDefinitions.map(({ name }) => name);
  for (const name of names) {
    if (!(known as readonly string[]).includes(name)) {
      throw new GauntletError('GAUNTLET_UNKNOWN_TOOL', `There is no tool ${name}`, { hint: `The tools are ${known.join(', ')}.` });
    }
  }
  await using toolchain = open(options);
  const startedAt = performance.now();
  const usual = toolDefinitions.filter((definition: ToolDefinition) => definition.onDemand !== true).map(({ name }) => name);
  const wanted = names.length === 0 ? usual : (names as readonly ToolName[]);
  const ready = await prepareTools(toolchain, wanted, (message) => process.stdout.write(`${message}\n`));
  process.stdout.write(`${ready.length} tools ready after ${formatDuration({ ms: performance.now() - startedAt })}\n`);
}
