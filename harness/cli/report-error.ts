// SPDX-License-Identifier: Apache-2.0
import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import type { GauntletError } from '../errors.ts';

/**
 * Prints a harness error as a person needs it: its code, what was attempted and seen, and the next step.
 * The stack and the causes follow only with `verbose`.
 */
export function reportError(error: GauntletError, stream: Writable, options: { readonly verbose: boolean }): void {
  stream.write(`${styleText('red', error.code)}: ${error.message}\n  next: ${error.hint}\n`);
  if (!options.verbose) return;
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) stream.write(`${cause.stack ?? cause.message}\n`);
}
