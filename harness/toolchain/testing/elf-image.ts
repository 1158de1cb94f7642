// SPDX-License-Identifier: Apache-2.0

/** What an ELF file made for a test says of itself. */
export interface ElfImageOptions {
  /** `e_machine`: 0x3e is amd64, 0xb7 arm64. */
  readonly machine?: number;
  readonly interpreter?: string;
  readonly needed?: readonly string[];
}

const base = 0x400000n;

/** A 64-bit little-endian ELF image with headers only: enough to be read, not to be run. */
export function elfImage({ machine = 0x3e, interpreter, needed = [] }: ElfImageOptions = {}): Buffer {
  const strings = Buffer.from(`\0${needed.map((name) => `${name}\0`).join('')}`);
  const nameOffsets = needed.map((_, position) => 1 + needed.slice(0, position).reduce((sum, name) => sum + name.length + 1, 0));
  const interp = interpreter === undefined ? Buffer.alloc(0) : Buffer.from(`${interpreter}\0`);
  const dynamic = Buffer.alloc(needed.length === 0 ? 0 : (needed.length + 2) * 16);
  const headers = 64 + 3 * 56;
  const at = { interp: headers, dynamic: headers + interp.length, strings: headers + interp.length + dynamic.length };
  nameOffsets.forEach((offset, position) => {
    dynamic.writeBigUInt64LE(1n, position * 16);
    dynamic.writeBigUInt64LE(BigInt(offset), position * 16 + 8);
  });
  if (dynamic.length > 0) {
    dynamic.writeBigUInt64LE(5n, needed.length * 16);
    dynamic.writeBigUInt64LE(base + BigInt(at.strings), needed.length * 16 + 8);
  }
  const size = at.strings + strings.length;
  return Buffer.concat([
    fileHeader(machine),
    segment(1, 0, base, size),
    interpreter === undefined ? segment(0, 0, 0n, 0) : segment(3, at.interp, base + BigInt(at.interp), interp.length),
    dynamic.length === 0 ? segment(0, 0, 0n, 0) : segment(2, at.dynamic, base + BigInt(at.dynamic), dynamic.length),
    interp,
    dynamic,
    strings,
  ]);
}

function fileHeader(machine: number): Buffer {
  const header = Buffer.alloc(64);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]).copy(header);
  header.writeUInt16LE(machine, 18);
  header.writeBigUInt64LE(64n, 32);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(3, 56);
  return header;
}

function segment(type: number, offset: number, address: bigint, size: number): Buffer {
  const entry = Buffer.alloc(56);
  entry.writeUInt32LE(type, 0);
  entry.writeBigUInt64LE(BigInt(offset), 8);
  entry.writeBigUInt64LE(address, 16);
  entry.writeBigUInt64LE(BigInt(size), 32);
  return entry;
}
