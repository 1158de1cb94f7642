// SPDX-License-Identifier: Apache-2.0
import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { renderers } from '../../../reports/index.ts';
import { createProgress } from '../../../reports/terminal/progress.ts';
import { hasColour } from '../../../reports/terminal/style.ts';
import { renderSummary } from '../../../reports/terminal/summary.ts';
import { systemClock } from '../../check/clock.ts';
import { isErrno, messageOf } from '../../errors.ts';
import type { RunDocument } from '../../run/document.ts';
import type { RunEvent } from '../../run/events.ts';

/** What a person and a machine get to see of a run: progress while it goes, files and a summary at its end. */
export interface Output extends Disposable {
  /** Shows an event on standard error, so that standard output holds nothing but the summary. */
  show(event: RunEvent): void;
  /** Writes every report, and prints the summary. A report that cannot be written is said, and does not keep the others from being written. */
  finish(document: RunDocument): Promise<void>;
}

/** The output of a run in its folder. */
export function openOutput(directory: string): Output {
  const { stderr } = process;
  const progress = createProgress({ stream: stderr, isTTY: stderr.isTTY, colour: hasColour(stderr), clock: systemClock });
  return {
    show: (event) => progress.on(event),
    finish: async (document) => {
      progress.end();
      await writeReports(document, directory);
      printSummary(document, directory);
    },
    [Symbol.dispose]: () => progress.end(),
  };
}

/** Renders every report of a run into its folder. */
export async function writeReports(document: RunDocument, directory: string): Promise<void> {
  const readEvidence = async (file: string): Promise<string | undefined> => {
    try {
      return await readFile(join(directory, file), 'utf8');
    } catch (error) {
      if (isErrno(error) && error.code === 'ENOENT') return undefined;
      throw error;
    }
  };
  for (const { name, file, render } of renderers) {
    try {
      await writeFile(join(directory, file), await render(document, { readEvidence }));
    } catch (error) {
      process.stderr.write(`The ${name} report could not be written: ${messageOf(error)}\n`);
    }
  }
}

/** Prints the summary of a run on standard output. */
export function printSummary(document: RunDocument, directory: string): void {
  const { stdout } = process;
  const fromHere = relative(process.cwd(), directory);
  const runDirectory = fromHere.startsWith('..') ? directory : fromHere;
  stdout.write(renderSummary(document, { colour: hasColour(stdout), width: stdout.columns || 100, runDirectory }));
}
