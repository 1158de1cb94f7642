// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LayerEntry } from './image.ts';
import { orderEntries } from './layer-entries.ts';

const directory = (path: string): LayerEntry => ({ type: 'directory', path });
const text = (path: string): LayerEntry => ({ type: 'text', path, text: '' });
const paths = (entries: readonly LayerEntry[]): readonly string[] => orderEntries(entries).map((entry) => entry.path);

describe('orderEntries', () => {
  it('adds the parents of every path, each before what is in it', () => {
    expect(paths([text('usr/local/bin/envoy'), text('etc/passwd')])).toEqual([
      'etc',
      'etc/passwd',
      'usr',
      'usr/local',
      'usr/local/bin',
      'usr/local/bin/envoy',
    ]);
  });

  it('keeps a folder that is given with a mode of its own', () => {
    expect(orderEntries([text('tmp/a'), { type: 'directory', path: 'tmp', mode: 0o1777 }])[0]).toMatchObject({ path: 'tmp', mode: 0o1777 });
  });

  it.each(['/etc/passwd', '../up', 'a/../b', 'a//b', 'a/', '', '.', 'nul\0byte'])('refuses the path %j', (path) => {
    expect(() => orderEntries([text(path)])).toThrow(expect.objectContaining({ code: 'GAUNTLET_IMAGE' }));
  });

  it('refuses a path that is there twice, and a file that is the parent of another', () => {
    expect(() => orderEntries([text('a'), directory('a')])).toThrow(/twice/);
    expect(() => orderEntries([text('a'), text('a/b')])).toThrow(/a is a text and the parent of a\/b/);
  });

  const segment = fc.string({ minLength: 1, maxLength: 4 }).filter((part) => !/[/\0]/.test(part) && part !== '.' && part !== '..');
  const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));

  it('gives the same order whatever order the entries come in, and never a child before its parent', () => {
    fc.assert(
      fc.property(fc.uniqueArray(path, { minLength: 1, maxLength: 12 }), fc.infiniteStream(fc.nat()), (all, keys) => {
        const entries = all.map(directory);
        const shuffled = entries.map((entry) => ({ entry, key: keys.next().value as number })).sort((a, b) => a.key - b.key);
        const ordered = paths(entries);
        expect(paths(shuffled.map(({ entry }) => entry))).toEqual(ordered);
        expect(new Set(ordered).size).toBe(ordered.length);
        for (const [index, each] of ordered.entries()) {
          const parent = each.split('/').slice(0, -1).join('/');
          if (parent !== '') expect(ordered.slice(0, index)).toContain(parent);
        }
      }),
    );
  });
});
