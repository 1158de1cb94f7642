// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hasSeal, seal, unseal } from './seal.ts';

const objects = fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue(), { minKeys: 1 }).map((value) => JSON.stringify(value));

it('what was sealed is JSON, and is found again with what came before it alone', () => {
  fc.assert(
    fc.property(objects, fc.string(), fc.string(), (json, before, other) => {
      const { text, sha256 } = seal(json, before);
      expect(JSON.parse(text)).toMatchObject({ seal: sha256 });
      expect(unseal(text, before)).toEqual({ json, sha256, isIntact: true });
      expect(unseal(text, other)?.isIntact).toBe(before === other);
    }),
  );
});

it('what has a checksum of its own is no sealed text, and keeps it when it is sealed', () => {
  const json = JSON.stringify({ file: 'log', sha256: 'a'.repeat(64) });
  expect([unseal(json), hasSeal(json)]).toEqual([undefined, false]);
  expect(unseal(seal(json).text)?.json).toBe(json);
});
