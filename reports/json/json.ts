// SPDX-License-Identifier: Apache-2.0
import type { RunDocument } from '../../harness/run/document.ts';

/** The document itself, for people and programs; its JSON Schema is `docs/generated/run-document.schema.json`. */
export function renderJson(document: RunDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
