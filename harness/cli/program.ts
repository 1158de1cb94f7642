// SPDX-License-Identifier: Apache-2.0
import { Command } from 'commander';
import { packageVersion } from './package-version.ts';
import { benchCommand } from './commands/bench.ts';
import { loadCommand } from './commands/load.ts';
import { certifyCommand } from './commands/certify.ts';
import { clusterCommand } from './commands/cluster.ts';
import { conformanceCommand } from './commands/conformance.ts';
import { diffCommand } from './commands/diff.ts';
import { imagesCommand } from './commands/images.ts';
import { lifecycleCommand } from './commands/lifecycle.ts';
import { proveCommand } from './commands/prove.ts';
import { reportCommand } from './commands/report.ts';
import { runCommand } from './commands/run.ts';
import { testCommand } from './commands/test.ts';
import { trendCommand } from './commands/trend.ts';
import { toolsCommand } from './commands/tools.ts';

/** The whole command line, as data that also the CLI reference is generated from. */
export function createProgram(): Command {
  const program = new Command('gauntlet')
    .description('Conformance and load-testing harness for Kubernetes Gateway API gateways')
    .version(packageVersion())
    .enablePositionalOptions()
    .showHelpAfterError('(gauntlet --help lists the commands and their options)')
    .showSuggestionAfterError(true)
    .configureHelp({ showGlobalOptions: false })
    .addHelpText(
      'after',
      '\nExit codes: 0 all held, 1 a check failed, 2 a mistake in what was asked, 3 incomplete, 4 a failure of the harness or the machine.',
    );
  for (const command of [
    runCommand(),
    proveCommand(),
    conformanceCommand(),
    certifyCommand(),
    lifecycleCommand(),
    benchCommand(),
    loadCommand(),
    reportCommand(),
    diffCommand(),
    trendCommand(),
    clusterCommand(),
    toolsCommand(),
    imagesCommand(),
    testCommand(),
  ]) {
    program.addCommand(command);
  }
  return throwInsteadOfExit(program);
}

/** Commander ends the process on a mistake unless told otherwise; subcommands do not inherit that when added ready-made. */
function throwInsteadOfExit(command: Command): Command {
  command.exitOverride();
  for (const child of command.commands) throwInsteadOfExit(child);
  return command;
}
