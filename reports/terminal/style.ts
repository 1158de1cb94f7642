// SPDX-License-Identifier: Apache-2.0
import { styleText } from 'node:util';
import type { CellVerdict } from '../../harness/lifecycle/cell-result.ts';
import type { ProofVerdict, RunVerdict, Verdict } from '../../harness/check/verdict.ts';

/** Roles of text on the terminal; colour only repeats what the words say. */
export type Role = 'strong' | 'quiet' | 'good' | 'bad' | 'doubtful' | 'noted' | 'link';

const formats = {
  strong: 'bold',
  quiet: 'dim',
  good: 'green',
  bad: 'red',
  doubtful: 'yellow',
  noted: 'magenta',
  link: 'cyan',
} as const satisfies Record<Role, Parameters<typeof styleText>[0]>;

/** Gives text the look of a role. */
export type Style = (role: Role, text: string) => string;

/** The style for a terminal that shows colours, or for one that does not. */
export function styleFor(colour: boolean): Style {
  return colour ? (role, text) => styleText(formats[role], text, { validateStream: false }) : (_role, text) => text;
}

/** Whether a stream shows colours: a terminal does, unless `NO_COLOR` or `FORCE_COLOR` say otherwise. */
export function hasColour(stream: NodeJS.WritableStream): boolean {
  return styleText('red', '.', { stream }) !== '.';
}

/** The role of each verdict of a cell. */
export const cellRoles: Readonly<Record<CellVerdict, Role>> = { open: 'bad', leaked: 'bad', outage: 'doubtful', held: 'good' };

/** The role of each outcome. */
export const outcomeRoles: Readonly<Record<Verdict | ProofVerdict | RunVerdict, Role>> = {
  pass: 'good',
  fail: 'bad',
  'known-gap': 'noted',
  warn: 'doubtful',
  'not-applicable': 'quiet',
  'could-not-run': 'doubtful',
  proven: 'good',
  survived: 'bad',
  'broke-elsewhere': 'bad',
  incomplete: 'doubtful',
};
