// SPDX-License-Identifier: Apache-2.0
import type { Argument, Command, Option } from 'commander';

/** The reference of a command and all below it, as Markdown. */
export function cliReference(program: Command): string {
  return `${program.commands.flatMap((command) => sections(command, program.name())).join('\n\n')}\n`;
}

function sections(command: Command, parent: string): readonly string[] {
  const name = `${parent} ${command.name()}`;
  const own = [`## ${name}`, '', `${command.description()}.`, '', '```', `${parent} ${command.name()} ${command.usage()}`.trim(), '```'];
  const args = command.registeredArguments.map(describeArgument);
  const options = command.options.filter(({ hidden }) => !hidden).map(describeOption);
  if (args.length + options.length > 0) own.push('', ...args, ...options);
  return [own.join('\n'), ...command.commands.flatMap((child) => sections(child, name))];
}

function describeArgument(argument: Argument): string {
  return `- \`${argument.name()}\`: ${argument.description}`;
}

function describeOption(option: Option): string {
  return `- \`${option.flags}\`: ${option.description}${choices(option)}${defaultOf(option)}`;
}

function choices({ argChoices }: Option): string {
  return argChoices === undefined ? '' : ` (${argChoices.join(', ')})`;
}

/** Defaults that depend on the machine are said in words, so that the page is the same everywhere. */
function defaultOf({ long, defaultValue, defaultValueDescription }: Option): string {
  if (long === '--jobs') return `; 4 per core by default, at most 32`;
  if (long === '--arch') return '; this machine’s by default';
  if (defaultValueDescription === 'none' || defaultValue === undefined || defaultValue === false) return '';
  return `; \`${String(defaultValue)}\` by default`;
}
