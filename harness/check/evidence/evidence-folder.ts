// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { asGauntletError } from '../../errors.ts';
import type { EvidenceGathered } from '../../run/events.ts';
import type { Redactor } from './redactor.ts';

/** Below an execution's folder: what the reproducing commands read. Made for this run, valid nowhere else, and never part of a report. */
export const testOnlyKeys = 'test-only-keys';

/** A piece of evidence before it is stored. */
export interface Piece {
  readonly title: string;
  readonly side: EvidenceGathered['side'];
  /** Name of the file within the execution's folder. */
  readonly name: string;
  readonly content: string;
  /** `text/plain` by default. */
  readonly contentType?: string;
}

/** The folder of one execution below the run's own: everything in it is free of secrets, but for its folder of test keys. */
export class EvidenceFolder {
  readonly #runDirectory: string;
  readonly #path: string;
  readonly #redactor: Redactor;
  readonly #onStored: (evidence: Omit<EvidenceGathered, 'type' | 'at' | 'execution'>) => void;

  constructor(
    runDirectory: string,
    execution: string,
    redactor: Redactor,
    onStored: (evidence: Omit<EvidenceGathered, 'type' | 'at' | 'execution'>) => void,
  ) {
    this.#runDirectory = runDirectory;
    this.#path = join('checks', execution.replaceAll(/[^A-Za-z0-9.-]/g, '-'));
    this.#redactor = redactor;
    this.#onStored = onStored;
  }

  /**
   * Stores a piece without its secrets and tells of it.
   *
   * @throws GauntletError `GAUNTLET_DISK_FULL`
   */
  async add(piece: Piece): Promise<void> {
    const file = join(this.#path, piece.name);
    const content = Buffer.from(this.#redactor.redact(piece.content));
    await store(join(this.#runDirectory, file), content, 0o644);
    const sha256 = createHash('sha256').update(content).digest('hex');
    this.#onStored({ title: piece.title, side: piece.side, contentType: piece.contentType ?? 'text/plain', file, sha256 });
  }

  /**
   * Stores something that only the reproducing commands read, for the owner's eyes only.
   *
   * @throws GauntletError `GAUNTLET_DISK_FULL`
   */
  async addKey(name: string, content: string): Promise<string> {
    const path = join(this.#runDirectory, this.#path, testOnlyKeys, name);
    await store(path, content, 0o600);
    return fromHere(path);
  }

  /** Path of a stored piece as a command of the reproducer names it: relative to where the command line was started. */
  pathOf(name: string): string {
    return fromHere(join(this.#runDirectory, this.#path, name));
  }
}

const fromHere = (path: string): string => relative(process.cwd(), path) || '.';

async function store(path: string, content: string | Buffer, mode: number): Promise<void> {
  try {
    await mkdir(join(path, '..'), { recursive: true, mode: mode === 0o600 ? 0o700 : 0o755 });
    await writeFile(path, content, { mode });
  } catch (error) {
    throw asGauntletError(error);
  }
}
