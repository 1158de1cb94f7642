// SPDX-License-Identifier: Apache-2.0

/**
 * A length of time. Built by {@link milliseconds}, {@link seconds} or {@link minutes}, so that no bare number stands for one.
 */
export interface Duration {
  /** Length in milliseconds, never negative. */
  readonly ms: number;
}

/** A duration of `n` milliseconds. */
export const milliseconds = (n: number): Duration => ({ ms: n });

/** A duration of `n` seconds. */
export const seconds = (n: number): Duration => ({ ms: n * 1000 });

/** A duration of `n` minutes. */
export const minutes = (n: number): Duration => ({ ms: n * 60_000 });

/** A duration as a person reads it: `250 ms`, `4.2 s`, `3 min 05 s`, `1 h 02 min`. */
export function formatDuration(duration: Duration): string {
  const { ms } = duration;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const total = Math.round(ms / 1000);
  if (total < 3600) return `${Math.floor(total / 60)} min ${String(total % 60).padStart(2, '0')} s`;
  return `${Math.floor(total / 3600)} h ${String(Math.floor((total % 3600) / 60)).padStart(2, '0')} min`;
}

/** A size in bytes as a person reads it, in binary units: `512 B`, `1.5 KiB`, `120.0 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1023.95 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(1)} ${units[unit] ?? 'TiB'}`;
}
