// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';

/** The last field of what is sealed. */
const pattern = /,"seal":"([0-9a-f]{64})"\}/;
const atTheEnd = new RegExp(`${pattern.source}$`);

/** JSON with its checksum. */
export interface Sealed {
  /** The object without the checksum, as it was before. */
  readonly json: string;
  readonly sha256: string;
}

/**
 * Adds a checksum to the JSON of an object that has fields: a last field, `seal`, over the text itself and the checksum of what came before. So each of a row of lines
 * holds all before it, whatever was killed after it was written.
 */
export function seal(json: string, before = ''): Sealed & { readonly text: string } {
  const sha256 = checksum(json, before);
  return { json, sha256, text: `${json.slice(0, -1)},"seal":"${sha256}"}` };
}

/** What was sealed, and whether it still is what it was; undefined for a text that does not end with a checksum. */
export function unseal(text: string, before = ''): (Sealed & { readonly isIntact: boolean }) | undefined {
  const found = atTheEnd.exec(text);
  if (found === null) return undefined;
  const [, sha256 = ''] = found;
  const json = `${text.slice(0, found.index)}}`;
  return { json, sha256, isIntact: checksum(json, before) === sha256 };
}

/** Whether a text has a checksum anywhere: a line that was cut short has none. */
export const hasSeal = (text: string): boolean => pattern.test(text);

const checksum = (json: string, before: string): string => createHash('sha256').update(`${before}\n${json}`).digest('hex');
