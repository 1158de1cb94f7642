// SPDX-License-Identifier: Apache-2.0
import { open, type FileHandle } from 'node:fs/promises';
import type { Architecture } from '../platform.ts';

/** What an executable or library says of itself. */
export interface ElfFile {
  /** The architecture it is for, or the number of one that Gauntlet does not know. */
  readonly machine: Architecture | number;
  /** Whether all that is to be loaded is in the file: one that was cut off is refused by the kernel, and then taken for a shell script by `execvp`. */
  readonly isWhole: boolean;
  /** Path of the dynamic linker; undefined for a static executable or a library. */
  readonly interpreter: string | undefined;
  /** Names of the libraries that it is linked with: `libc.so.6`. */
  readonly needed: readonly string[];
}

const machines: Readonly<Record<number, Architecture>> = { 0x3e: 'amd64', 0xb7: 'arm64' };
const segment = { load: 1, dynamic: 2, interpreter: 3 };
const tag = { end: 0n, needed: 1n, stringTable: 5n };

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: bigint;
  readonly size: number;
}

/**
 * Reads the header of a 64-bit little-endian ELF file; undefined for anything else, so that a script or a text is no error here.
 *
 * @see https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html
 */
export async function readElf(path: string): Promise<ElfFile | undefined> {
  await using file = await open(path, 'r');
  const header = await read(file, 0, 64);
  const isElf64 = header.length === 64 && header.readUInt32BE(0) === 0x7f454c46 && header[4] === 2 && header[5] === 1;
  if (!isElf64) return undefined;
  const segments = await readSegments(file, header);
  const machine = header.readUInt16LE(18);
  const interpreter = segments.find(({ type }) => type === segment.interpreter);
  return {
    machine: machines[machine] ?? machine,
    isWhole: await isWhole(file, header, segments),
    interpreter: interpreter && textAt(await read(file, interpreter.offset, interpreter.size), 0),
    needed: await readNeeded(file, segments),
  };
}

async function isWhole(file: FileHandle, header: Buffer, segments: readonly Segment[]): Promise<boolean> {
  const { size } = await file.stat();
  return segments.length > 0 && segments.length === header.readUInt16LE(56) && segments.every((one) => one.offset + one.size <= size);
}

async function readSegments(file: FileHandle, header: Buffer): Promise<readonly Segment[]> {
  const size = header.readUInt16LE(54);
  const table = await read(file, Number(header.readBigUInt64LE(32)), size * header.readUInt16LE(56));
  const segments: Segment[] = [];
  for (let at = 0; size >= 56 && at + size <= table.length; at += size) {
    segments.push({
      type: table.readUInt32LE(at),
      offset: Number(table.readBigUInt64LE(at + 8)),
      address: table.readBigUInt64LE(at + 16),
      size: Number(table.readBigUInt64LE(at + 32)),
    });
  }
  return segments;
}

async function readNeeded(file: FileHandle, segments: readonly Segment[]): Promise<readonly string[]> {
  const dynamic = segments.find(({ type }) => type === segment.dynamic);
  if (dynamic === undefined) return [];
  const entries = await read(file, dynamic.offset, dynamic.size);
  const names: number[] = [];
  let stringTable: bigint | undefined;
  for (let at = 0; at + 16 <= entries.length; at += 16) {
    const key = entries.readBigUInt64LE(at);
    if (key === tag.end) break;
    const value = entries.readBigUInt64LE(at + 8);
    if (key === tag.needed) names.push(Number(value));
    if (key === tag.stringTable) stringTable = value;
  }
  const offset = stringTable === undefined ? undefined : fileOffset(stringTable, segments);
  if (offset === undefined) return [];
  return Promise.all(names.map(async (name) => textAt(await read(file, offset + name, 256), 0)));
}

/** Where in the file an address of the loaded program lies. */
function fileOffset(address: bigint, segments: readonly Segment[]): number | undefined {
  const holder = segments.find(
    ({ type, address: start, size }) => type === segment.load && address >= start && address < start + BigInt(size),
  );
  return holder && holder.offset + Number(address - holder.address);
}

/** At most this much of any table is read: a damaged header must not make the reader allocate what it claims. */
const largestTable = 1 << 20;

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  if (!Number.isSafeInteger(position) || length <= 0) return Buffer.alloc(0);
  const buffer = Buffer.alloc(Math.min(length, largestTable));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
  return buffer.subarray(0, bytesRead);
}

function textAt(buffer: Buffer, start: number): string {
  const end = buffer.indexOf(0, start);
  return buffer.toString('utf8', start, end === -1 ? buffer.length : end);
}
