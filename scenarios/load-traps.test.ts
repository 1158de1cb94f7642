// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { gateChecks, loadChecks } from './table.ts';

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** What each trap is shown by: `file` and title of a test, or `id@sabotage`. */
const traps = readFileSync(at('docs/load-traps.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| Trap '))
  .map((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    return { trap: cells[1] ?? '', shownBy: (cells[4] ?? '').split('<br>') };
  });
const sabotages = [...loadChecks, ...gateChecks()].flatMap(({ id, sabotages: own }) => own.map(({ name }) => `${id}@${name}`));

describe('the table of traps', () => {
  it('is there', () => {
    expect(traps.length).toBeGreaterThanOrEqual(13);
  });

  it.each(traps)('$trap', ({ shownBy }) => {
    for (const proof of shownBy) {
      const [, name = '', title = ''] = /^`([^`]+)`(?: (.+))?$/.exec(proof) ?? [];
      if (title === '') expect(sabotages).toContain(name);
      else {
        expect(existsSync(at(name)), name).toBe(true);
        expect(titlesIn(readFileSync(at(name), 'utf8'))).toContain(title);
      }
    }
  });

  it('would notice a test that is gone, and a sabotage', () => {
    expect(titlesIn("it('one', () => {});\nit.skip('two', () => {});\n// it('three'\ntest.each(x)(\n  'four', y)")).toEqual([
      'one',
      'four',
    ]);
    expect(sabotages).not.toContain('route-propagation@nothing');
  });
});

/** Titles of the tests in a source that are run. */
function titlesIn(source: string): readonly string[] {
  const runs = source.matchAll(/^\s*(?:it|test)(?:\.each\([^]*?\))?\(\s*(['"`])(.*?)\1,/gm);
  return [...runs].map(([, , title = '']) => title);
}
