// SPDX-License-Identifier: Apache-2.0
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { seconds } from '../units.ts';
import type { RunEvent } from './events.ts';
import { emptyDocument, fold } from './fold.ts';
import { documentFile, journalFile, openJournal, readDocument, readJournal } from './journal.ts';
import { journals } from './testing/journals.ts';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'gauntlet-journal-'))));
afterEach(() => rmSync(directory, { recursive: true }));

const event = (at: number): RunEvent => ({ type: 'phase-started', at, phase: `p${at}`, title: 'Zürich \u2028 "quoted"' });
const readJson = (name: string): unknown => JSON.parse(readFileSync(join(directory, name), 'utf8'));

test('what is appended is read back, and folds to the same document', () => {
  fc.assert(
    fc.property(journals, (events) => {
      rmSync(join(directory, journalFile), { force: true });
      const journal = openJournal(directory);
      for (const one of events) journal.append(one);
      journal.close();
      const document = events.reduce(fold, emptyDocument());
      expect(journal.document).toEqual(document);
      expect(readDocument(directory)).toEqual(document);
      expect(readJson(documentFile)).toEqual(JSON.parse(JSON.stringify(document)));
    }),
    { numRuns: 20 },
  );
});

test('an event is on disk as soon as it is appended', () => {
  const journal = openJournal(directory);
  journal.append(event(1));
  expect(readJournal(directory)).toEqual({ events: [event(1)], tornLines: 0 });
  journal.close();
});

test('a journal that was cut anywhere is read up to the cut', () => {
  const journal = openJournal(directory);
  const events = [event(1), event(2), event(3)];
  for (const one of events) journal.append(one);
  journal.close();
  const path = join(directory, journalFile);
  const whole = readFileSync(path);
  for (let length = whole.length; length >= 0; length -= 1) {
    truncateSync(path, length);
    const { events: read } = readJournal(directory);
    expect(read).toEqual(events.slice(0, read.length));
    // The line break of the last event is not needed to read it.
    const newlines = whole.subarray(0, length + 1).filter((byte) => byte === 10).length;
    expect(read).toHaveLength(newlines);
  }
});

test('a torn line amid others costs that line alone', () => {
  writeFileSync(join(directory, journalFile), `${JSON.stringify(event(1))}\n{"type":"phase-st\n17\nnull\n${JSON.stringify(event(4))}\n`);
  expect(readJournal(directory)).toEqual({ events: [event(1), event(4)], tornLines: 3 });
});

test('the document is written at intervals, and at the end', () => {
  let now = 0;
  const journal = openJournal(directory, { now: () => now, documentEvery: seconds(2) });
  journal.append(event(1));
  expect(() => readJson(documentFile)).toThrow();
  now = 2000;
  journal.append(event(2));
  expect(readJson(documentFile)).toMatchObject({ phases: [{ phase: 'p1' }, { phase: 'p2' }] });
  journal.append(event(3));
  expect(readJson(documentFile)).toMatchObject({ phases: { length: 2 } });
  journal.close();
  expect(readJson(documentFile)).toMatchObject({ phases: { length: 3 } });
});

test('a folder that already has a journal belongs to another run', () => {
  appendFileSync(join(directory, journalFile), '');
  expect(() => openJournal(directory)).toThrow(expect.objectContaining({ code: 'GAUNTLET_CONFIG_INVALID' }) as Error);
});

test('a folder without a journal is no run', () => {
  expect(() => readDocument(directory)).toThrow(expect.objectContaining({ code: 'GAUNTLET_CONFIG_INVALID' }) as Error);
});
