// SPDX-License-Identifier: Apache-2.0
import { distance } from 'fastest-levenshtein';
import { GauntletError } from '../../harness/errors.ts';
import { eventGroups } from './event-row.ts';
import { eventRows } from './events/events.ts';
import { levels, type Level } from './levels.ts';
import { allCells, policyRows, type Cell } from './table.ts';

/**
 * The cells that exist and that the words select: policies, events or groups of events, and levels, of each kind any, of all kinds together; or
 * ids of cells. All of them but those of the instrument if there is no word.
 *
 * @throws GauntletError `GAUNTLET_UNKNOWN_CHECK` for a word that names nothing.
 */
export function selectCells(words: readonly string[]): readonly Cell[] {
  const existing = allCells().filter(({ cannot }) => cannot === undefined);
  const ids = new Set(existing.map(idOf));
  const known = {
    policy: policyRows.map(({ id }) => id),
    event: eventRows.map(({ id }) => id),
    group: [...eventGroups],
    level: [...levels],
  };
  for (const word of words) {
    if (ids.has(word) || Object.values(known).some((names) => (names as readonly string[]).includes(word))) continue;
    throw unknown(word, [...Object.values(known).flat(), ...ids]);
  }
  const chosen = words.filter((word) => ids.has(word));
  const isOneOf = (names: readonly string[], ...values: readonly string[]): boolean => {
    const wanted = words.filter((word) => names.includes(word));
    return wanted.length === 0 || wanted.some((word) => values.includes(word));
  };
  return existing.filter((cell) => {
    if (chosen.length > 0) return chosen.includes(idOf(cell));
    if (words.length === 0) return cell.event.group !== 'instrument';
    const { policy, event, level } = cell;
    return (
      isOneOf(known.policy, policy.id) && isOneOf([...known.event, ...known.group], event.id, event.group) && isOneOf(known.level, level)
    );
  });
}

/** Whether a pull request is asked about the cell: telling events of telling policies, on the route where there is such a cell. */
export function isTelling({ policy, event, level }: Cell): boolean {
  const widest: Level = policy.cannot.route === undefined ? 'route' : 'gateway';
  return policy.telling === true && event.telling === true && level === widest;
}

/** The id of a cell's check. */
export function idOf({ policy, event, level }: Cell): string {
  return `${policy.id}.${event.id}.${level}`;
}

function unknown(word: string, names: readonly string[]): GauntletError {
  const closest = names.toSorted((a, b) => distance(word, a) - distance(word, b)).slice(0, 3);
  return new GauntletError('GAUNTLET_UNKNOWN_CHECK', `No policy, event, level or cell is called ${JSON.stringify(word)}`, {
    hint: `Closest: ${closest.join(', ')}. \`gauntlet lifecycle --list\` shows all.`,
  });
}
