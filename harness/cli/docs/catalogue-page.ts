// SPDX-License-Identifier: Apache-2.0
import type { CatalogueEntry } from '../../../suites/kgateway/catalogue.ts';
import type { RegisteredCheck } from '../../check/check.ts';
import { checkLink, notice, table } from './markdown.ts';

/** Every promise of a catalogue with its check, or the reason why there is none. */
export function cataloguePage(catalogue: readonly CatalogueEntry[], checks: readonly RegisteredCheck[], gaps: ReadonlySet<string>): string {
  const titles = new Map(checks.map(({ id, title }) => [id, title]));
  const sections = Map.groupBy(catalogue, ({ section }) => section);
  const tables = [...sections].map(([section, entries]) => {
    const rows = entries.map(({ id, priority, reason }) =>
      reason === undefined
        ? [checkLink(id), priority ?? '', `${titles.get(id) ?? ''}${gaps.has(id) ? ' (**gap**)' : ''}`]
        : [id, '–', `No check: ${reason}`],
    );
    return `## ${section}\n\n${table(['Id', 'Priority', 'Check'], rows)}`;
  });
  const without = catalogue.filter(({ reason }) => reason !== undefined).length;
  return [
    notice,
    "# The catalogue of kgateway 2.2's promises",
    '',
    `${catalogue.length} promises: ${catalogue.length - without} are checks, ${without} have a reason why they are not.`,
    '',
    tables.join('\n'),
  ].join('\n');
}
