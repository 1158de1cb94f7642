// SPDX-License-Identifier: Apache-2.0
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, expectTypeOf, test } from 'vitest';
import type { z } from 'zod';
import { documentJsonSchema, documentSchema } from './document-schema.ts';
import type { RunDocument } from './document.ts';
import { emptyDocument, fold } from './fold.ts';
import { journals } from './testing/journals.ts';

/** The same type written out, so that interfaces and `Omit` compare by their fields. */
type Flat<T> = T extends object ? { [Key in keyof T]: Flat<T[Key]> } : T;

test('the schema and the interface are the same type', () => {
  expectTypeOf<Flat<z.infer<typeof documentSchema>>>().toEqualTypeOf<Flat<RunDocument>>();
});

test('every document that a journal folds to satisfies the published schema, after each of its events', () => {
  const validate = new Ajv2020().compile(documentJsonSchema());
  fc.assert(
    fc.property(journals, fc.nat(), (events, cut) => {
      const document = events.slice(0, cut % (events.length + 1)).reduce(fold, emptyDocument());
      const published = JSON.parse(JSON.stringify(document)) as unknown;
      expect(validate(published), JSON.stringify(validate.errors)).toBe(true);
      expect(documentSchema.safeParse(published).success).toBe(true);
    }),
  );
});

test('a document with a field that the schema does not know is refused', () => {
  expect(documentSchema.safeParse({ ...emptyDocument(), invented: 1 }).success).toBe(false);
  expect(new Ajv2020().validate(documentJsonSchema(), { ...emptyDocument(), invented: 1 })).toBe(false);
});
