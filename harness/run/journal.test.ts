// SPDX-License-Identifier: Apache-2.0
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
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
      const { journal: raw, ...document } = readDocument(directory);
      expect(document).toEqual(events.reduce(fold, emptyDocument()));
      expect(raw).toMatchObject({ events: events.length });
      expect(JSON.stringify(readDocument(directory))).toBe(JSON.stringify(journal.document));
      expect(readJson(documentFile)).toMatchObject(JSON.parse(JSON.stringify(journal.document)) as object);
    }),
    { numRuns: 20 },
  );
});

test('an event is on disk as soon as it is appended', () => {
  const journal = openJournal(directory);
  journal.append(event(1));
  expect(readJournal(directory)).toMatchObject({ events: [event(1)], tornLines: 0, checksums: { length: 1 } });
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

test('a journal of a Gauntlet that kept no checksums is read, and a torn line amid others costs that line alone', () => {
  writeFileSync(join(directory, journalFile), `${JSON.stringify(event(1))}\n{"type":"phase-st\n17\nnull\n${JSON.stringify(event(4))}\n`);
  writeFileSync(join(directory, documentFile), `${JSON.stringify(emptyDocument())}\n`);
  expect(readJournal(directory)).toEqual({ events: [event(1), event(4)], tornLines: 3, checksums: [] });
  expect(readDocument(directory).journal).toBeUndefined();
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

const refused = expect.objectContaining({ code: 'GAUNTLET_CONFIG_INVALID' }) as Error;

/** A journal of three events with its document, in a folder. */
function written(): { readonly [file in typeof journalFile | typeof documentFile]: Buffer } {
  const journal = openJournal(directory);
  for (const at of [1, 2, 3]) journal.append(event(at));
  journal.close();
  return { [journalFile]: readFileSync(join(directory, journalFile)), [documentFile]: readFileSync(join(directory, documentFile)) };
}

describe('a finished run', () => {
  it.each([journalFile, documentFile] as const)('is refused after any byte of %s was changed', (file) => {
    const whole = written()[file];
    expect(readDocument(directory).journal?.events).toBe(3);
    for (const [at, byte] of whole.entries()) {
      for (const changed of [byte ^ 1, byte ^ 0x20, 0x0a, 0x22]) {
        if (changed === byte) continue;
        writeFileSync(join(directory, file), Buffer.concat([whole.subarray(0, at), Buffer.of(changed), whole.subarray(at + 1)]));
        expect(() => readDocument(directory), `byte ${at} as ${changed}`).toThrow(refused);
      }
    }
    writeFileSync(join(directory, file), whole);
    expect(readDocument(directory).phases).toHaveLength(3);
  });

  it('is refused after an event was moved, taken out at any place, or written twice', () => {
    const { [journalFile]: whole } = written();
    const [one = '', two = '', three = ''] = whole.toString().split('\n');
    for (const lines of [[two, one, three], [two, three], [one, three], [one, two], [one, two, two, three], []]) {
      writeFileSync(join(directory, journalFile), lines.map((line) => `${line}\n`).join(''));
      expect(() => readDocument(directory)).toThrow(refused);
    }
  });

  it('is refused with the document of another one', () => {
    const { [documentFile]: document } = written();
    rmSync(directory, { recursive: true });
    mkdirSync(directory);
    const other = openJournal(directory);
    for (const at of [4, 5, 6]) other.append(event(at));
    other.close();
    writeFileSync(join(directory, documentFile), document);
    expect(() => readDocument(directory)).toThrow(/another run/);
  });

  it('is read without its document', () => {
    written();
    rmSync(join(directory, documentFile));
    expect(readDocument(directory).phases).toHaveLength(3);
  });
});

describe('a run that was killed', () => {
  it('is read with a document from before its last events', () => {
    let now = 0;
    const journal = openJournal(directory, { now: () => now, documentEvery: seconds(2) });
    journal.append(event(1));
    now = 2000;
    journal.append(event(2));
    journal.append(event(3));
    expect(readJson(documentFile)).toMatchObject({ journal: { events: 2 } });
    expect(readDocument(directory)).toMatchObject({ phases: { length: 3 }, journal: { events: 3 } });
    appendFileSync(join(directory, journalFile), '{"type":"phase-st');
    expect(readDocument(directory).phases).toHaveLength(3);
    journal.close();
  });

  it('and went on after a full disk had cut a line short is read without that line', () => {
    const { [journalFile]: whole } = written();
    const [one = '', two = '', three = ''] = whole.toString().split('\n');
    // The lines after it were written as if it had never been.
    writeFileSync(join(directory, journalFile), `${one}\n{"type":"phase-sta\n${two}\n${three}\n`);
    expect(readJournal(directory)).toMatchObject({ events: [event(1), event(2), event(3)], tornLines: 1 });
  });
});

test('a number that JSON does not know is null while the run goes on, too', () => {
  const journal = openJournal(directory);
  journal.append({ ...event(1), at: Number.NaN });
  expect(journal.document.phases[0]?.startedAt).toBeNull();
  journal.close();
});

test('a folder that already has a journal belongs to another run', () => {
  appendFileSync(join(directory, journalFile), '');
  expect(() => openJournal(directory)).toThrow(expect.objectContaining({ code: 'GAUNTLET_CONFIG_INVALID' }) as Error);
});

test('a folder without a journal is no run', () => {
  expect(() => readDocument(directory)).toThrow(expect.objectContaining({ code: 'GAUNTLET_CONFIG_INVALID' }) as Error);
});
