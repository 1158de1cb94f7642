// SPDX-License-Identifier: Apache-2.0
import { printable } from '../printable.ts';

/** A piece of HTML that is safe to put into a page. Only {@link html} and {@link trusted} make one. */
export class Markup {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

/** What may stand in a template: markup as it is, text escaped, nothing for undefined. */
export type Content = Markup | string | number | undefined | readonly Content[];

/** Builds markup. Whatever is filled in is escaped, unless it is markup itself; attribute values must stand in double quotes. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(strings.reduce((page, part, index) => page + render(values[index - 1]) + part));
}

/** Text of the report's own making, put into the page as it is: its style and script. */
export function trusted(source: string): Markup {
  return new Markup(source);
}

function render(content: Content): string {
  if (content === undefined) return '';
  if (content instanceof Markup) return content.source;
  if (typeof content === 'object') return content.map(render).join('');
  return escape(String(content));
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escape(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** An id for deep links that is the same in every rendering: `check-jwt-inline`. */
export function anchor(kind: string, name: string): string {
  return `${kind}-${name.replace(/[^A-Za-z0-9._-]/g, (character) => `_${character.charCodeAt(0).toString(16)}`)}`;
}

/** A link to the web, or the title alone when the address is not one. */
export function webLink(title: string, url: string): Markup {
  const isWeb = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  return isWeb ? html`<a href="${url}" rel="noopener noreferrer">${title}</a>` : html`${title}`;
}

/** A link to a file of the run, which lies beside the page; the path alone when it leads out of the run's folder. */
export function fileLink(file: string, title: string = file): Markup {
  return isInsideRun(file) ? html`<a href="./${file.split('/').map(encodeURIComponent).join('/')}">${title}</a>` : html`${title}`;
}

/** Whether a path of the document stays in the run's folder: a document can come from anywhere. */
export function isInsideRun(file: string): boolean {
  return file !== '' && file.isWellFormed() && !/^[/\\]|^[a-z][a-z+.-]*:|\\|\0/i.test(file) && !file.split('/').includes('..');
}
