// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { html, trusted, type Content } from './markup.ts';

/** A page around its content. */
export interface Shell {
  readonly title: string;
  /** Of its icon, as hexadecimal digits. */
  readonly colour: string;
  /** Ids of its sections with their titles, for the bar at the top; the first is what the name of the page leads to. */
  readonly sections: readonly (readonly [id: string, title: string])[];
  readonly home: string;
  readonly main: Content;
  readonly footer: Content;
}

/** A page that needs nothing else: no network, no other file, and no script to be readable. */
export async function renderShell({ title, colour, sections, home, main, footer }: Shell): Promise<string> {
  const style = await asset('report.css');
  const script = await asset('report.js');
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src '${digest(style)}'; script-src '${digest(script)}'; img-src data:; base-uri 'none'; form-action 'none'"
        />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        <link rel="icon" href="${favicon(colour)}" />
        ${trusted(`<style>${style}</style><script>${script}</script>`)}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the report</a>
        <header class="top">
          <a class="brand" href="#${home}">Gauntlet</a>
          <nav aria-label="Sections">${sections.map(([id, name]) => html`<a href="#${id}">${name}</a>`)}</nav>
          <button type="button" id="theme" hidden aria-label="Switch between light and dark">◐</button>
        </header>
        <main id="main">${main}</main>
        <footer>${footer}</footer>
      </body>
    </html>`;
  return `${page.source}\n`;
}

const favicon = (colour: string): string =>
  `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#${colour}"/></svg>`)}`;

const asset = (name: string): Promise<string> => readFile(new URL(name, import.meta.url), 'utf8');

const digest = (source: string): string => `sha256-${createHash('sha256').update(source).digest('base64')}`;
