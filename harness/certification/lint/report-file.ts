// SPDX-License-Identifier: Apache-2.0
import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { messageOf } from '../../errors.ts';
import { modelOf, type ReportModel } from './report-model.ts';
import { fieldName, type FieldPath, type Problem } from './rule.ts';

/** A file of a submission that is taken for a report, read as far as it can be. */
export interface ReportFile {
  /** As it was given. */
  readonly path: string;
  /** The last part of the path. */
  readonly name: string;
  readonly text: string;
  /** Where the text is no YAML document; with any, value and model are empty. */
  readonly syntaxErrors: readonly { readonly line: number | null; readonly message: string }[];
  /** The document as plain data. */
  readonly value: unknown;
  readonly model: ReportModel;
  /** A problem of this report. The line is that of the value, or of the nearest thing around it that exists. */
  readonly problem: (field: FieldPath, message: string, mend: string) => Problem;
}

/** Reads a report, whatever its text is; never throws. */
export function readReport(path: string, name: string, text: string): ReportFile {
  const lines = new LineCounter();
  const read = parse(text, lines);
  const { document, value } = 'value' in read ? read : { document: undefined, value: undefined };
  return {
    path,
    name,
    text,
    syntaxErrors: 'value' in read ? [] : read.errors,
    value,
    model: modelOf(value),
    problem: (field, message, mend) => ({
      message,
      mend,
      file: path,
      line: document === undefined || field.length === 0 ? null : lineOf(document, lines, field),
      field: field.length === 0 ? null : fieldName(field),
    }),
  };
}

type Read =
  | { readonly document: Document.Parsed; readonly value: unknown }
  | { readonly errors: readonly { readonly line: number | null; readonly message: string }[] };

function parse(text: string, lineCounter: LineCounter): Read {
  try {
    const document = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'silent' });
    if (document.errors.length === 0) return { document, value: document.toJS() as unknown };
    return { errors: document.errors.map(({ message, pos }) => ({ line: lineCounter.linePos(pos[0]).line, message })) };
  } catch (error) {
    // Aliases that multiply without end, and nesting deeper than the stack.
    return { errors: [{ line: null, message: messageOf(error) }] };
  }
}

function lineOf(document: Document.Parsed, lines: LineCounter, field: FieldPath): number {
  for (let length = field.length; length > 0; length -= 1) {
    const node = document.getIn(field.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
