// SPDX-License-Identifier: Apache-2.0
import { Command } from 'commander';
import { certifyLintCommand } from './certify-lint.ts';

/** `gauntlet certify`: what a submission to upstream needs. */
export function certifyCommand(): Command {
  return new Command('certify').description('Prepare a submission of conformance reports to Gateway API').addCommand(certifyLintCommand());
}
