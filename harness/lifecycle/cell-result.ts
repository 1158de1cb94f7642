// SPDX-License-Identifier: Apache-2.0

/**
 * What came of one cell, from the best to the worst:
 *
 * - `held`: nothing forbidden reached the backend, and what is allowed was served.
 * - `outage`: nothing forbidden did, but what is allowed was not served when it should have been.
 * - `leaked`: something forbidden did, and no more at the end of the watch.
 * - `open`: it still did at the end of the longest watch.
 */
export const cellVerdicts = ['held', 'outage', 'leaked', 'open'] as const;

/** One of {@link cellVerdicts}. */
export type CellVerdict = (typeof cellVerdicts)[number];

/** Which cell of the matrix. */
export interface CellAddress {
  readonly policy: string;
  readonly event: string;
  readonly level: string;
  /** What the event happens to: `policy`, `peer`, `reference`; tables are divided by it. */
  readonly group?: string;
}

/** What one execution of a cell came to. Times are milliseconds since the event, negative before it. */
export interface CellResult {
  readonly verdict: CellVerdict;
  /** From when on a request counts as forbidden, and until when was watched. */
  readonly watch: { readonly fromMs: number; readonly toMs: number };
  /** Absent if nothing forbidden reached the backend. */
  readonly leak?: Leak;
  /** Absent if everything allowed was served when it should have been. */
  readonly outage?: Outage;
  /** From the write of a policy that comes late to the last forbidden request that passed because of that; where the event has one. */
  readonly convergedMs?: number;
  /** From the last mark on until everything allowed was served again; where the event may interrupt service. */
  readonly recoveredMs?: number;
  /** Whether an open cell was closed by new proxies; where that was tried. */
  readonly healedByRestart?: boolean;
  /** What an opening by force let through, by the word of the server that did it; for the cells of the instrument. */
  readonly letThrough?: LetThrough;
  /** What happened, in order. */
  readonly marks: readonly Mark[];
  readonly generator: GeneratorHealth;
  /** How surely an opening of so many milliseconds would have been seen: probability by length. */
  readonly detection: Readonly<Record<string, number>>;
  /** Requests by time, for the picture. */
  readonly bins: readonly Bin[];
}

/** Requests of which each was sent soon after the one before. */
export interface Spell {
  /** Sending of the first and of the last of them. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly requests: number;
}

/** Forbidden requests at the backend. */
export interface Leak {
  readonly requests: number;
  /** Of so many that were sent in the watch. */
  readonly of: number;
  /** When they were sent; at least one. */
  readonly spells: readonly Spell[];
  /** By stream and carrier: `anonymous over http/1.1 kept`. */
  readonly by: Readonly<Record<string, number>>;
  /** The API called the policy and its route fine at a time when a request passed. */
  readonly whileGreen: boolean;
  /** Ids of the first ones. */
  readonly examples: readonly string[];
}

/** Forbidden requests that were let through on purpose. */
export interface LetThrough {
  readonly requests: number;
  /** Those of them that the cell did not count as a leak. */
  readonly uncounted: number;
}

/** Allowed requests that were not served when they should have been. */
export interface Outage {
  readonly requests: number;
  readonly of: number;
  /** When they were sent; at least one. */
  readonly spells: readonly Spell[];
  /** What came in place of the answer, by carrier: `503 over h2 kept`, `ECONNREFUSED over http/1.1 fresh`. */
  readonly by: Readonly<Record<string, number>>;
  /** The slowest of the requests that no policy is about, of those under way at the same time; absent if there were none. */
  readonly slowestControlMs?: number;
}

/** Something that happened during a cell. */
export interface Mark {
  readonly atMs: number;
  /** `event` and `restored` are done by the cell; `status` is what the API showed from then on; `log` is a line of controller or proxy. */
  readonly kind: 'event' | 'restored' | 'step' | 'status' | 'log';
  readonly text: string;
}

/** Whether the generator did what it should have. */
export interface GeneratorHealth {
  readonly sent: number;
  readonly missed: number;
  /** Those that this machine had no descriptor, port or memory for; absent if there were none. */
  readonly unsent?: number;
  /** Forbidden ones that were sent in the watch. */
  readonly forbidden: number;
  /** Of 100 requests, 99 were sent no later than this after their time. */
  readonly late99Ms: number;
  /** Longest time in the watch in which no forbidden request was sent. */
  readonly longestGapMs: number;
  /** Of 100 requests that no policy is about, 95 were answered within this; absent if there were none. More than a moment says that the machine was busy. */
  readonly control95Ms?: number;
}

/** Requests that were sent in a stretch of time. */
export interface Bin {
  readonly fromMs: number;
  /** Forbidden ones that the backend did not see, and those that it saw. */
  readonly denied: number;
  readonly passed: number;
  /** Allowed ones that were served, and those that were not. */
  readonly served: number;
  readonly failed: number;
}
