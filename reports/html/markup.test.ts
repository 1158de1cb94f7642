// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { type DefaultTreeAdapterTypes as Tree, parseFragment } from 'parse5';
import { describe, expect, it } from 'vitest';
import { printable } from '../printable.ts';
import { hostileText } from '../testdata/hostile.ts';
import { anchor, fileLink, html, webLink } from './markup.ts';

describe('markup', () => {
  it('gives back any text, as content and as attribute', () => {
    fc.assert(
      fc.property(hostileText(), (text) => {
        const { childNodes } = parseFragment(html`<p title="${text}">${text}</p>`.source);
        const element = childNodes[0] as Tree.Element;
        expect(childNodes).toHaveLength(1);
        expect(element.attrs).toEqual([{ name: 'title', value: printable(text) }]);
        expect(element.childNodes.map((node) => (node as Tree.TextNode).value).join('')).toBe(printable(text));
      }),
    );
  });

  it('nests markup and lists, and leaves out what is undefined', () => {
    expect(html`<b>${[1, '<2>'].map((item) => html`<i>${item}</i>`)}${undefined}</b>`.source).toBe('<b><i>1</i><i>&lt;2&gt;</i></b>');
  });

  it('makes different ids of different names, without a character that a link would change', () => {
    fc.assert(
      fc.property(hostileText(), hostileText(), (a, b) => {
        fc.pre(a !== b && !a.includes('_') && !b.includes('_'));
        expect(anchor('check', a)).not.toBe(anchor('check', b));
        expect(anchor('check', a)).toMatch(/^check-[\w.-]*$/);
      }),
    );
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', 'not an address', '//host/x', 'file:///etc/passwd'])('does not link to %s', (url) => {
    expect(webLink('title', url).source).toBe('title');
  });

  it.each(['../x', '/x', 'C:\\x', 'https://x.test', 'a/../../x', ''])('does not link to the file %j', (file) => {
    expect(fileLink(file, 'title').source).toBe('title');
  });

  it('links to files beside the page', () => {
    expect(fileLink('a b/c#1?.txt', 'title').source).toBe('<a href="./a%20b/c%231%3F.txt">title</a>');
  });
});
