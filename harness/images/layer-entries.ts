// SPDX-License-Identifier: Apache-2.0
import { GauntletError } from '../errors.ts';
import type { LayerEntry } from './image.ts';

/** A layer's content in the order in which it is written: sorted by path, with every parent folder, no path twice. */
export function orderEntries(entries: readonly LayerEntry[]): readonly LayerEntry[] {
  const byPath = new Map<string, LayerEntry>();
  for (const entry of entries) {
    refuseOddPath(entry.path);
    if (byPath.has(entry.path)) throw invalidLayer(`the path ${entry.path} is there twice`);
    byPath.set(entry.path, entry);
  }
  for (const entry of entries) {
    for (const parent of parentsOf(entry.path)) {
      const present = byPath.get(parent);
      if (present === undefined) byPath.set(parent, { type: 'directory', path: parent });
      else if (present.type !== 'directory') throw invalidLayer(`${parent} is a ${present.type} and the parent of ${entry.path}`);
    }
  }
  // By code unit, so that the order is the same in every locale; a folder sorts before what is in it.
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function parentsOf(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function refuseOddPath(path: string): void {
  const parts = path.split('/');
  if (path.includes('\0') || parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw invalidLayer(`the path ${JSON.stringify(path)} is not a plain relative path`);
  }
}

function invalidLayer(reason: string): GauntletError {
  return new GauntletError('GAUNTLET_IMAGE', `An image layer cannot be written: ${reason}`, {
    hint: 'Correct the definition of the image: paths are relative to the root of the image, each once.',
  });
}
