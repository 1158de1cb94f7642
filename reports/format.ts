// SPDX-License-Identifier: Apache-2.0
import type { ProofVerdict, RunVerdict, Verdict } from '../harness/check/verdict.ts';

/** How an outcome is written: never by colour alone. */
export interface Mark {
  readonly symbol: string;
  readonly label: string;
}

/** Every verdict of a check as it is written. */
export const verdictMarks: Readonly<Record<Verdict, Mark>> = {
  fail: { symbol: '✗', label: 'FAIL' },
  'could-not-run': { symbol: '?', label: 'could not run' },
  warn: { symbol: '!', label: 'warn' },
  'known-gap': { symbol: '~', label: 'known gap' },
  pass: { symbol: '✓', label: 'pass' },
  'not-applicable': { symbol: '–', label: 'not applicable' },
};

/** Verdicts, the most urgent first. */
export const verdictsByUrgency: readonly Verdict[] = ['fail', 'could-not-run', 'warn', 'known-gap', 'pass', 'not-applicable'];

/** Every outcome of a sabotage as it is written. */
export const proofMarks: Readonly<Record<ProofVerdict, Mark>> = {
  proven: { symbol: '✓', label: 'proven' },
  survived: { symbol: '✗', label: 'SURVIVED' },
  'broke-elsewhere': { symbol: '✗', label: 'BROKE ELSEWHERE' },
  'could-not-run': { symbol: '?', label: 'could not run' },
};

/** Every outcome of a run as it is written. */
export const runMarks: Readonly<Record<RunVerdict, Mark>> = {
  pass: { symbol: '✓', label: 'PASS' },
  fail: { symbol: '✗', label: 'FAIL' },
  incomplete: { symbol: '?', label: 'INCOMPLETE' },
};

/** Milliseconds as a person reads them: `250 ms`, `4.2 s`, `3 min 05 s`, `1 h 02 min`; `–` when unknown. */
export function formatMs(ms: number | undefined): string {
  if (ms === undefined) return '–';
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const total = Math.round(ms / 1000);
  if (total < 3600) return `${Math.floor(total / 60)} min ${String(total % 60).padStart(2, '0')} s`;
  const wholeMinutes = Math.round(total / 60);
  return `${Math.floor(wholeMinutes / 60)} h ${String(wholeMinutes % 60).padStart(2, '0')} min`;
}

/** Milliseconds since the epoch as `2026-11-22 16:43:47 UTC`. */
export function formatInstant(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `1 attempt`, `41 attempts`, `2 entries`. */
export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : nouns}`;
}
