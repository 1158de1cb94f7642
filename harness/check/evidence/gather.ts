// SPDX-License-Identifier: Apache-2.0
import { GauntletError, messageOf } from '../../errors.ts';
import type { Exchange } from '../../probe/exchange.ts';
import type { Failure } from '../../run/events.ts';
import { formatDuration } from '../../units.ts';
import { untilAborted } from '../abort.ts';
import type { EngineOptions } from '../engine.ts';
import type { Scene } from '../scene.ts';
import { collectLogs } from './controller-logs.ts';
import type { EvidenceFolder, Piece } from './evidence-folder.ts';
import { gatewaysUsed } from './gateways-used.ts';
import { collectObjects } from './objects.ts';
import { collectProxies } from './proxies.ts';
import { collectTraffic } from './traffic.ts';

/** Where evidence comes from and goes to. */
export interface EvidenceSource {
  readonly engine: EngineOptions;
  readonly scene: Scene;
  /** Start of the execution, milliseconds since the epoch. */
  readonly startedAt: number;
  readonly folder: EvidenceFolder;
  /** The exchange that showed the failure. */
  readonly failing: Exchange | undefined;
}

/** What one collector found: pieces to store, and the lines of them that tell most. */
export interface Findings {
  readonly pieces: readonly Piece[];
  readonly notes: Failure['notes'];
}

/** Collects one kind of evidence. */
export type Collector = (source: EvidenceSource) => Promise<Findings>;

/** In the order in which their notes are shown. */
const collectors: Readonly<Record<string, Collector>> = {
  'Objects of the check': collectObjects,
  'Controller log': collectLogs,
  'Proxies of the gateways': (source) => collectProxies(source, gatewaysUsed(source.scene)),
  Traffic: collectTraffic,
  'Put on record by the check': collectAttachments,
};

/**
 * Gathers everything that explains an outcome, from both ends and from between, and returns the notes for the failure's page, most telling first.
 * Evidence that cannot be had is said to be missing and takes nothing from the rest.
 *
 * @throws GauntletError `GAUNTLET_DISK_FULL`
 */
export async function gatherEvidence(source: EvidenceSource): Promise<Failure['notes']> {
  const found = await Promise.all(Object.entries(collectors).map(([title, collector]) => collectWithin(title, collector, source)));
  for (const { pieces } of found) {
    for (const piece of pieces) await source.folder.add(piece);
  }
  const clean = (text: string): string => source.scene.redactor.redact(text);
  return found.flatMap(({ notes }) => notes).map(({ title, text }) => ({ title, text: clean(text) }));
}

async function collectWithin(title: string, collector: Collector, source: EvidenceSource): Promise<Findings> {
  const { clock, budgets } = source.engine;
  const limit = new AbortController();
  const done = new AbortController();
  clock.pause(budgets.request, done.signal).then(
    () =>
      limit.abort(
        new GauntletError('GAUNTLET_TIMEOUT', `it took longer than ${formatDuration(budgets.request)}`, { hint: 'Look with kubectl.' }),
      ),
    () => undefined,
  );
  try {
    return await untilAborted(() => collector(source), limit.signal);
  } catch (error) {
    const name = `missing-${title.toLowerCase().replaceAll(' ', '-')}.txt`;
    return { pieces: [{ title: `${title}: could not be had`, side: 'check', name, content: `${messageOf(error)}\n` }], notes: [] };
  } finally {
    done.abort();
  }
}

function collectAttachments({ scene }: EvidenceSource): Promise<Findings> {
  const pieces = scene.attachments.map(({ title, content, contentType }, index): Piece => ({
    title,
    side: 'check',
    name: `attachment-${index + 1}.${extensions[contentType] ?? 'txt'}`,
    content,
    contentType,
  }));
  return Promise.resolve({ pieces, notes: [] });
}

const extensions: Readonly<Record<string, string>> = { 'application/json': 'json', 'application/yaml': 'yaml' };
