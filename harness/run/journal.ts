// SPDX-License-Identifier: Apache-2.0
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { GauntletError, asGauntletError, isErrno } from '../errors.ts';
import { seconds, type Duration } from '../units.ts';
import type { RunDocument } from './document.ts';
import type { RunEvent } from './events.ts';
import { emptyDocument, fold } from './fold.ts';
import { hasSeal, seal, unseal } from './seal.ts';

/** Name of the journal within a run's folder: one event a line, only ever appended to. Each line ends with a checksum of itself and of all before it. */
export const journalFile = 'journal.ndjson';

/** Name of the document within a run's folder: what the journal folds to, for readers who want one file. It ends with a checksum of itself. */
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
  let folded = emptyDocument();
  let events = 0;
  let before = '';
  let writtenAt = now();
  let torn = false;

  const document = (): RunDocument => withJournal(folded, events, before);
  const writeDocument = (): void => {
    writeWhole(join(directory, documentFile), `${seal(JSON.stringify(document())).text}\n`);
    writtenAt = now();
  };
  return {
    get document() {
      return document();
    },
    append: (event) => {
      const { json, sha256, text } = seal(JSON.stringify(event), before);
      // As it is read back: what JSON does not know, like NaN, is null in every report.
      folded = fold(folded, JSON.parse(json) as RunEvent);
      const line = Buffer.from(`${torn ? '\n' : ''}${text}\n`);
      let written = 0;
      try {
        written = writeSync(descriptor, line);
      } catch (error) {
        throw asGauntletError(error);
      }
      torn = written < line.length;
      // Without its line break it is read all the same.
      if (written >= line.length - 1) [before, events] = [sha256, events + 1];
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
  /** The checksum of each event and all before it, in their order; none in a journal of an older Gauntlet. */
  readonly checksums: readonly string[];
}

/**
 * Reads a journal, also one that was cut short. Where it has checksums, they must fit.
 *
 * @throws GauntletError `GAUNTLET_CONFIG_INVALID` if there is none, or a line is not what was written.
 */
export function readJournal(directory: string): JournalContent {
  const file = join(directory, journalFile);
  const lines = read(file).split('\n');
  if (lines.some(hasSeal)) return readSealed(file, lines);
  const written = lines.filter((line) => line !== '');
  const events = written.map(parseEvent).filter((event) => event !== undefined);
  return { events, tornLines: written.length - events.length, checksums: [] };
}

/**
 * The document of a run, from its journal: also of one that was killed.
 *
 * @throws GauntletError `GAUNTLET_CONFIG_INVALID` if the folder has no journal, or one of the two is not what was written.
 */
export function readDocument(directory: string): RunDocument {
  const { events, checksums } = readJournal(directory);
  assertDocumentFits(directory, checksums);
  return withJournal(events.reduce(fold, emptyDocument()), checksums.length, checksums.at(-1));
}

const withJournal = (document: RunDocument, events: number, sha256: string | undefined): RunDocument =>
  events === 0 || sha256 === undefined ? document : { ...document, journal: { events, sha256 } };

function readSealed(file: string, lines: readonly string[]): JournalContent {
  const events: RunEvent[] = [];
  const checksums: string[] = [];
  let tornLines = 0;
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    const found = unseal(line, checksums.at(-1));
    const event = found?.isIntact === true ? parseEvent(found.json) : undefined;
    if (found !== undefined && event !== undefined) {
      events.push(event);
      checksums.push(found.sha256);
      continue;
    }
    // What was cut short has no checksum; nor a line break, unless another event came after it, which was then written as if it had never been.
    const isEnded = index === lines.length - 2 && lines.at(-1) === '';
    if (hasSeal(line) || isEnded) throw changed(`Line ${index + 1} of ${file} is not what was written, or a line before it is missing`);
    tornLines += 1;
  }
  return { events, tornLines, checksums };
}

/** The document on the disk may be older than the journal, as it is written from time to time; but it must be whole, and of this journal. */
function assertDocumentFits(directory: string, checksums: readonly string[]): void {
  const file = join(directory, documentFile);
  const text = readIfThere(file);
  if (text === undefined) return;
  const found = text.endsWith('\n') ? unseal(text.slice(0, -1)) : undefined;
  // Neither of the two has checksums: an older Gauntlet wrote them.
  if (found === undefined && checksums.length === 0 && !hasSeal(text)) return;
  if (found?.isIntact !== true) throw changed(`${file} is not what was written`);
  const { journal } = JSON.parse(found.json) as RunDocument;
  if (journal === undefined || checksums[journal.events - 1] === journal.sha256) return;
  if (journal.events > checksums.length)
    throw changed(
      `${file} knows of ${journal.events} events, of which ${journalFile} beside it has ${checksums.length}: its end is missing`,
    );
  throw changed(`${file} is of another run than ${journalFile} beside it`);
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

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isErrno(error) && error.code === 'ENOENT') return undefined;
    throw asGauntletError(error);
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

const changed = (message: string): GauntletError =>
  new GauntletError('GAUNTLET_CONFIG_INVALID', message, {
    hint: 'Bring the run’s folder back from a copy: what was measured cannot be told from what was changed.',
  });
