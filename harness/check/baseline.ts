// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { satisfies, validRange } from 'semver';
import { LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { GauntletError, messageOf } from '../errors.ts';

/** A known gap: what should hold and is known not to hold in some releases of a gateway. */
export interface BaselineEntry {
  /** Id of the check. */
  readonly id: string;
  /** Name of the target: `kgateway`. */
  readonly target: string;
  /** Range of its versions, as npm writes ranges: `>=2.2.0 <2.3.0`. */
  readonly versions: string;
  /** The gap is a race, and does not show every time: then a check that passes does not make the entry stale. `false` by default. */
  readonly sometimes: boolean;
  /** The expectation that fails. */
  readonly expectation: string;
  /** A text that what was seen instead contains. */
  readonly observed: string;
  /** What else the same gap may show as. Nothing by default. */
  readonly also?: readonly { readonly expectation: string; readonly observed: string }[];
  readonly reason: string;
  /** The issue or discussion. */
  readonly link: string;
  /** The last day on which the entry counts, `2027-01-31`. */
  readonly expires: string;
  /** File and line, for messages: `suites/baseline.yaml:12`. */
  readonly where: string;
}

const entrySchema = z.strictObject({
  id: z.string().min(1),
  target: z.string().min(1),
  versions: z.string().refine((range) => validRange(range) !== null, 'is no range of versions, such as ">=2.2.0 <2.3.0"'),
  sometimes: z.boolean().default(false),
  expectation: z.string().min(1),
  observed: z.string().min(1),
  also: z
    .array(z.strictObject({ expectation: z.string().min(1), observed: z.string().min(1) }))
    .min(1)
    .exactOptional(),
  reason: z.string().min(1),
  link: z.url(),
  expires: z.iso.date(),
});

const baselineSchema = z.array(entrySchema);

/**
 * Reads the baseline.
 *
 * @throws GauntletError `GAUNTLET_CONFIG_INVALID` with the line of each mistake.
 */
export async function readBaseline(path: string, shownAs: string = path): Promise<readonly BaselineEntry[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw invalid(`The baseline ${shownAs} cannot be read: ${messageOf(error)}`, error);
  }
  return parseBaseline(text, shownAs);
}

/**
 * The entries of a baseline's text.
 *
 * @throws GauntletError `GAUNTLET_CONFIG_INVALID` with the line of each mistake.
 */
export function parseBaseline(text: string, shownAs: string): readonly BaselineEntry[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineOf = (offset: number): string => `${shownAs}:${lines.linePos(offset).line}`;
  const [syntaxError] = document.errors;
  if (syntaxError) throw invalid(`${lineOf(syntaxError.pos[0])} is no YAML: ${syntaxError.message}`, syntaxError);

  const parsed = baselineSchema.safeParse(document.toJS() ?? []);
  if (!parsed.success) {
    const mistakes = parsed.error.issues.map(
      (issue) => `${lineOf(offsetOf(document, issue.path))} ${issue.path.slice(1).join('.')}: ${issue.message}`,
    );
    throw invalid(`The baseline is not valid:\n${mistakes.join('\n')}`, parsed.error);
  }
  const entries = parsed.data.map((entry, index) => ({ ...entry, where: lineOf(offsetOf(document, [index])) }));
  rejectDuplicates(entries);
  return entries;
}

/**
 * The entries for one version of a target, by check. An entry that says nothing about a check of this run is a mistake in the baseline.
 *
 * @throws GauntletError `GAUNTLET_CONFIG_INVALID` for an entry whose check does not exist, or does not apply to a target that the entry is about.
 */
export function baselineFor(
  entries: readonly BaselineEntry[],
  target: { readonly name: string; readonly version: string; readonly title: string; readonly features: readonly string[] },
  checks: readonly { readonly id: string; readonly feature: string }[],
): ReadonlyMap<string, BaselineEntry> {
  const features = new Map(checks.map((check) => [check.id, check.feature]));
  const unknown = entries.find((entry) => !features.has(entry.id));
  if (unknown) throw invalid(`${unknown.where} is about ${unknown.id}, and there is no such check`);
  const applying = entries.filter(
    (entry) => entry.target === target.name && satisfies(target.version, entry.versions, { includePrerelease: true }),
  );
  const idle = applying.find((entry) => !target.features.includes(features.get(entry.id) ?? ''));
  if (idle) throw invalid(`${idle.where} is about ${idle.id}, which is not applicable to ${target.title}`);
  return new Map(applying.map((entry) => [entry.id, entry]));
}

/**
 * Entries whose id is a pattern become one for each check that they match: a star stands for whatever is between two dots, and names with bars between
 * them for any of these (`*.recreated|edited.route`). Where several match a check, the one with fewest stars counts, and of those the first.
 *
 * @throws GauntletError `GAUNTLET_CONFIG_INVALID` for an entry that matches no check.
 */
export function expandStars(entries: readonly BaselineEntry[], checks: readonly { readonly id: string }[]): readonly BaselineEntry[] {
  const byCheck = new Map<string, BaselineEntry>();
  const fewestStarsFirst = entries.toSorted((a, b) => starsOf(a) - starsOf(b));
  for (const entry of fewestStarsFirst) {
    const matching = checks.filter(({ id }) => isMatch(entry.id.split('.'), id.split('.')));
    if (matching.length === 0) throw invalid(`${entry.where} is about ${entry.id}, and there is no such check`);
    for (const { id } of matching) if (!byCheck.has(id)) byCheck.set(id, { ...entry, id });
  }
  return [...byCheck.values()];
}

const isMatch = (pattern: readonly string[], parts: readonly string[]): boolean =>
  pattern.length === parts.length && pattern.every((part, index) => part === '*' || part.split('|').includes(parts[index] ?? ''));

const starsOf = ({ id }: BaselineEntry): number => id.split('*').length - 1;

/** Whether an entry's last day has passed, in UTC. */
export function isExpired(entry: BaselineEntry, now: number): boolean {
  return new Date(now).toISOString().slice(0, 10) > entry.expires;
}

/** Two entries for the same check and target must not both apply; ranges cannot be compared cheaply, so one entry is all there may be. */
function rejectDuplicates(entries: readonly BaselineEntry[]): void {
  const seen = new Map<string, BaselineEntry>();
  for (const entry of entries) {
    const key = `${entry.id} ${entry.target}`;
    const first = seen.get(key);
    if (first) throw invalid(`${entry.where} repeats ${first.where}: one entry for each check and target`);
    seen.set(key, entry);
  }
}

function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) return Number(node.range[0]);
  }
  return 0;
}

const invalid = (message: string, cause?: unknown): GauntletError =>
  new GauntletError('GAUNTLET_CONFIG_INVALID', message, {
    hint: 'Correct the baseline; docs/writing-a-check.md says what an entry holds.',
    ...(cause === undefined ? {} : { cause }),
  });
