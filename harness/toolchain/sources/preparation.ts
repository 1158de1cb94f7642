// SPDX-License-Identifier: Apache-2.0
import type { Architecture } from '../../platform.ts';
import type { CacheOrigin } from '../cache.ts';
import type { Downloader } from '../download.ts';
import type { ResolvedTool, ToolDefinition, ToolName } from '../tool.ts';

/** What a source has at hand to make one tool ready. */
export interface Preparation {
  readonly definition: ToolDefinition;
  readonly architecture: Architecture;
  /** Empty folder that the outputs go into. */
  readonly content: string;
  /** Empty folder for anything else; removed afterwards. On the same file system as {@link content}. */
  readonly scratch: string;
  /** File that the output of every command is added to. */
  readonly log: string;
  /** Gauntlet's cache, for what should survive this preparation. */
  readonly cacheDirectory: string;
  readonly signal: AbortSignal | undefined;
  readonly downloader: Downloader;
  /** Tells the user something that does not stop the work. */
  note(message: string): void;
  /** Tells the user that another process has what is needed first. */
  waiting(): void;
  /** Another tool of this machine's architecture, made ready first if needed. */
  tool(name: ToolName): Promise<ResolvedTool>;
}

/** Where the content of a prepared tool came from. */
export interface Prepared {
  readonly origin: CacheOrigin;
  readonly provenance: string;
}
