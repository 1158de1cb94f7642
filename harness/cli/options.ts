// SPDX-License-Identifier: Apache-2.0
import { availableParallelism } from 'node:os';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { extras } from '../../mocks/extras.ts';
import { defaultBudgets, type Budgets } from '../check/budgets.ts';
import { GauntletError } from '../errors.ts';
import { architectures, hostArchitecture, type Architecture } from '../platform.ts';
import { parseShard, type Shard } from '../run/plan.ts';
import { seconds } from '../units.ts';

/** What every command that brings up a gateway takes. */
export interface SessionOptions {
  readonly target: string;
  readonly cluster: 'auto' | 'native' | 'kind' | 'existing';
  readonly attach?: string;
  readonly kubeconfig?: string;
  readonly arch: Architecture;
  readonly controllerBin?: string;
  readonly controllerImage?: string;
  readonly proxyBin?: string;
  readonly proxyImage?: string;
  readonly helmSet: readonly string[];
  readonly tool: Readonly<Record<string, string>>;
  readonly budget: Partial<Budgets>;
  /** Names of {@link extras}. */
  readonly with: readonly string[];
  readonly keep: boolean;
  readonly verbose: boolean;
}

/** Adds the options of {@link SessionOptions}. */
export function withSessionOptions(command: Command): Command {
  return withToolOption(
    command
      .addOption(new Option('--target <name@version>', 'gateway under test').default('kgateway@2.2.0'))
      .addOption(
        new Option('--cluster <provider>', 'where the cluster comes from').choices(['auto', 'native', 'kind', 'existing']).default('auto'),
      )
      .option('--attach <name>', 'use a cluster that `gauntlet cluster up` or `--keep` left running')
      .option('--kubeconfig <path>', 'kubeconfig of an existing cluster')
      .addOption(
        new Option('--arch <architecture>', 'architecture of node and images').choices([...architectures]).default(hostArchitecture()),
      )
      .option('--controller-bin <path>', "controller binary of your own, in place of the release's")
      .option('--controller-image <path>', 'controller image of your own: an archive of `docker save` or an OCI layout')
      .option('--proxy-bin <path>', "proxy binary of your own, in place of the release's")
      .option('--proxy-image <path>', 'proxy image of your own: an archive of `docker save` or an OCI layout')
      .addOption(
        new Option('--helm-set <key=value>', 'value for the chart, as `helm --set` takes it; repeatable')
          .argParser(collect)
          .default([], 'none'),
      )
      .addOption(new Option('--budget <name=seconds>', 'change a time limit; repeatable').argParser(collectBudget).default({}, 'none'))
      .addOption(
        new Option('--with <extra>', `bring what only some checks need: ${Object.keys(extras).join(', ')}; repeatable`)
          .argParser(collectExtra)
          .default([], 'none'),
      )
      .option('--keep', 'leave cluster and resources running, and say how to reach and remove them', false)
      .option('--verbose', 'print stack traces of harness errors', false),
  );
}

/** Adds `--tool`, for every command that uses the toolchain. */
export function withToolOption(command: Command): Command {
  return command.addOption(
    new Option('--tool <name=path>', 'use this binary or folder for a tool; repeatable').argParser(collectPair).default({}, 'none'),
  );
}

/** How many checks run at once unless `-j` says otherwise: they wait more than they compute. */
export const defaultJobs = (): number => Math.min(32, 4 * availableParallelism());

/**
 * How many cells of the lifecycle matrix are played at once unless `-j` says otherwise: each takes nearly half a core. With four on two cores a few in a
 * hundred find the machine too busy, and are played once more.
 */
export const defaultCells = (): number => Math.min(16, 2 * availableParallelism());

/** Parses a whole number from `minimum` up. */
export const wholeNumber =
  (minimum: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < minimum) throw new InvalidArgumentError(`Expected a whole number of at least ${minimum}.`);
    return value;
  };

/** Parses `i/n`, one of n equal slices; commander shows what is wrong with it beside the name of the option. */
export function shard(text: string): Shard {
  try {
    return parseShard(text);
  } catch {
    throw new InvalidArgumentError('Expected i/n with 1 <= i <= n, as in 2/4.');
  }
}

/** The budgets of a run: the defaults with the user's changes. */
export const budgetsOf = (changes: Partial<Budgets>): Budgets => ({ ...defaultBudgets, ...changes });

function collect(value: string, previous: readonly string[]): readonly string[] {
  if (!value.includes('=')) throw new InvalidArgumentError('Expected key=value.');
  return [...previous, value];
}

function collectExtra(value: string, previous: readonly string[]): readonly string[] {
  if (!(value in extras)) throw new InvalidArgumentError(`Nothing extra is called ${value}; there are ${Object.keys(extras).join(', ')}.`);
  return [...previous, value];
}

function pairOf(value: string): [string, string] {
  const at = value.indexOf('=');
  if (at < 1 || at === value.length - 1) throw new InvalidArgumentError('Expected name=value.');
  return [value.slice(0, at), value.slice(at + 1)];
}

/** Collects `name=value` pairs of an option that is given several times. */
export function collectPair(value: string, previous: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [name, path] = pairOf(value);
  return { ...previous, [name]: path };
}

function collectBudget(value: string, previous: Partial<Budgets>): Partial<Budgets> {
  const [name, text] = pairOf(value);
  const amount = Number(text);
  if (!(name in defaultBudgets))
    throw new InvalidArgumentError(`No budget is called ${name}; they are ${Object.keys(defaultBudgets).join(', ')}.`);
  if (!(amount > 0)) throw new InvalidArgumentError('Expected a number of seconds above 0.');
  return { ...previous, [name]: seconds(amount) };
}

/** Refuses combinations that cannot be meant. */
export function assertConsistent(options: SessionOptions): void {
  const pairs = [
    ['--controller-bin', options.controllerBin, '--controller-image', options.controllerImage],
    ['--proxy-bin', options.proxyBin, '--proxy-image', options.proxyImage],
  ] as const;
  for (const [first, firstValue, second, secondValue] of pairs) {
    if (firstValue !== undefined && secondValue !== undefined) {
      throw new GauntletError('GAUNTLET_USAGE', `${first} and ${second} were both given`, { hint: 'Give the one that is under test.' });
    }
  }
  if (options.kubeconfig !== undefined && options.cluster !== 'existing') {
    throw new GauntletError('GAUNTLET_USAGE', '--kubeconfig was given without --cluster existing', {
      hint: 'Add --cluster existing, or leave --kubeconfig out.',
    });
  }
  if (options.attach !== undefined && options.cluster !== 'auto') {
    throw new GauntletError('GAUNTLET_USAGE', '--attach and --cluster were both given', {
      hint: 'A cluster that is attached to is already made: leave --cluster out.',
    });
  }
}
