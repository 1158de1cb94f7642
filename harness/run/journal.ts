// SPDX-License-Identifier: Apache-2.0
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { GauntletError, asGauntletError, isErrno } from '../errors.ts';
import { seconds, type Duration } from '../units.ts';
import type { RunDocument } from './document.ts';
import type { RunEvent } from './events.ts';
import { emptyDocument, fold } from './fold.ts';

/** Name of the journal within a run's folder: one event a line, only ever appended to. */
export const journalFile = 'journal.ndjson';

/** Name of the document within a run's folder: what the journal folds to, for readers who want one file. */
export const documentFile = 'document.json';

/** The journal of a run that is under way. */
export interface Journal {
  /** What the events so far fold to. */
  readonly document: RunDocument;
  /**
   * Adds an event, in one write, so that a kill costs at most the event that is being written.
   *
   * @throws GauntletError `GAUNTLET_DISK_FULL`
   */
  append(event: RunEvent): void;
  /** Writes the document a last time and closes the journal. */
  close(): void;
}

/** How a journal is kept. */
export interface JournalOptions {
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Least time between two writings of the document; 2 s by default. The journal itself is written at every event. */
  readonly documentEvery?: Duration;
}

/**
 * Opens the journal of a new run in its folder.
 *
 * @throws GauntletError `GAUNTLET_DISK_FULL`, or `GAUNTLET_CONFIG_INVALID` if the folder already has one.
 */
export function openJournal(directory: string, options: JournalOptions = {}): Journal {
  const now = options.now ?? Date.now;
  const every = options.documentEvery ?? seconds(2);
  const descriptor = openNew(join(directory, journalFile));
  let document = emptyDocument();
  let writtenAt = now();
  let torn = false;

  const writeDocument = (): void => {
    writeWhole(join(directory, documentFile), `${JSON.stringify(document)}\n`);
    writtenAt = now();
  };
  return {
    get document() {
      return document;
    },
    append: (event) => {
      document = fold(document, event);
      const line = Buffer.from(`${torn ? '\n' : ''}${JSON.stringify(event)}\n`);
      try {
        torn = writeSync(descriptor, line) < line.length;
      } catch (error) {
        throw asGauntletError(error);
      }
      if (torn) throw diskFull(directory);
      if (now() - writtenAt >= every.ms) writeDocument();
    },
    close: () => {
      try {
        writeDocument();
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
    },
  };
}

/** What a journal holds. */
export interface JournalContent {
  readonly events: readonly RunEvent[];
  /** Lines that a kill or a full disk cut short; the events in them are lost, the others are not. */
  readonly tornLines: number;
}

/**
 * Reads a journal, also one that was cut short.
 *
 * @throws GauntletError `GAUNTLET_CONFIG_INVALID` if there is none.
 */
export function readJournal(directory: string): JournalContent {
  const lines = read(join(directory, journalFile))
    .split('\n')
    .filter((line) => line !== '');
  const events = lines.map(parseEvent).filter((event) => event !== undefined);
  return { events, tornLines: lines.length - events.length };
}

/**
 * The document of a run, from its journal: also of one that was killed.
 *
 * @throws GauntletError `GAUNTLET_CONFIG_INVALID` if the folder has no journal.
 */
export function readDocument(directory: string): RunDocument {
  return readJournal(directory).events.reduce(fold, emptyDocument());
}

function parseEvent(line: string): RunEvent | undefined {
  try {
    const value = JSON.parse(line) as unknown;
    return typeof value === 'object' && value !== null && 'type' in value && 'at' in value ? (value as RunEvent) : undefined;
  } catch {
    return undefined;
  }
}

function openNew(path: string): number {
  try {
    return openSync(path, 'ax');
  } catch (error) {
    if (!isErrno(error) || error.code !== 'EEXIST') throw asGauntletError(error);
    throw new GauntletError('GAUNTLET_CONFIG_INVALID', `${path} exists: the folder belongs to another run`, {
      hint: 'Give the run a folder of its own.',
      cause: error,
    });
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new GauntletError('GAUNTLET_CONFIG_INVALID', `${path} cannot be read: it should be the journal of a run`, {
      hint: 'Name the folder of a run, as printed at its end.',
      cause: error,
    });
  }
}

/** Writes a file so that a reader, and a kill, meet either the old content or the new. */
function writeWhole(path: string, text: string): void {
  const partial = `${path}.partial`;
  try {
    writeFileSync(partial, text);
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw asGauntletError(error);
  }
}

const diskFull = (directory: string): GauntletError =>
  new GauntletError('GAUNTLET_DISK_FULL', `The journal in ${directory} could not be written: no space left`, {
    hint: 'Free some space and run the same command again; what was written before is readable.',
  });
