// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';

/** One promise of the catalogue: a check of a priority, or the reason why there is none. */
export interface CatalogueEntry {
  readonly id: string;
  readonly section: string;
  readonly priority?: 'P0' | 'P1';
  readonly reason?: string;
}

const entry = z.union([z.enum(['P0', 'P1']), z.strictObject({ reason: z.string().min(20) })]);
const schema = z.array(z.strictObject({ section: z.string(), checks: z.record(z.string(), entry) }));

/** Reads a catalogue of promises; see the head of `catalogue.yaml`. */
export async function readCatalogue(path: string): Promise<readonly CatalogueEntry[]> {
  return schema
    .parse(parse(await readFile(path, 'utf8')))
    .flatMap(({ section, checks }) =>
      Object.entries(checks).map(([id, value]) => ({ id, section, ...(typeof value === 'string' ? { priority: value } : value) })),
    );
}
