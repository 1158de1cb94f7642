// SPDX-License-Identifier: Apache-2.0
import { printable } from '../printable.ts';

/** An element of an XML document. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Elements, or the text of this one. */
  readonly content: readonly Element[] | string;
}

/** An element; attributes without a value are left out. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | undefined>>,
  content: readonly Element[] | string = [],
): Element {
  const given = Object.entries(attributes).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { name, attributes: Object.fromEntries(given), content };
}

/** A whole document. What XML cannot hold, such as control characters, is written out as `\x07`. */
export function xmlDocument(root: Element): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${render(root, '')}\n`;
}

function render({ name, attributes, content }: Element, indent: string): string {
  const head = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${attribute(value)}"`)].join(' ');
  if (content.length === 0) return `${indent}<${head}/>`;
  if (typeof content === 'string') return `${indent}<${head}>${text(content)}</${name}>`;
  return [`${indent}<${head}>`, ...content.map((child) => render(child, `${indent}  `)), `${indent}</${name}>`].join('\n');
}

const text = (value: string): string => printable(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

// A parser turns a bare line break or tab in an attribute into a space.
const attribute = (value: string): string => text(value).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
