// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type as systemType } from 'node:os';
import { formatBytes } from '../../units.ts';

/** Facts about this machine that a reader of a report needs to judge its numbers. */
export function describeMachine(): Readonly<Record<string, string>> {
  const processors = cpus();
  return {
    processor: processors[0]?.model ?? 'unknown',
    cores: String(processors.length),
    memory: formatBytes(totalmem()),
    kernel: `${systemType()} ${release()}`,
    'operating system': osName(),
    node: process.version,
    architecture: process.arch,
  };
}

function osName(): string {
  try {
    const match = /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync('/etc/os-release', 'utf8'));
    return match?.[1] ?? systemType();
  } catch {
    return systemType();
  }
}
