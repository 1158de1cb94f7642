// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';

/** What the processors of this machine did since it started, all together, in ticks of the kernel. */
export interface ProcessorTime {
  readonly total: number;
  /** Time that the hypervisor gave to somebody else. */
  readonly stolen: number;
}

/** Reads it from `/proc/stat`. */
export async function processorTime(): Promise<ProcessorTime> {
  return parseProcessorTime(await readFile('/proc/stat', 'utf8'));
}

/** The first line: user, nice, system, idle, iowait, irq, softirq, steal; what guests used is in user already. */
export function parseProcessorTime(stat: string): ProcessorTime {
  const fields = (/^cpu +(.*)$/m.exec(stat)?.[1] ?? '').split(' ').map(Number).slice(0, 8);
  return { total: fields.reduce((sum, field) => sum + field, 0), stolen: fields[7] ?? 0 };
}
