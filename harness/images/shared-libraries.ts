// SPDX-License-Identifier: Apache-2.0
import { access, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { GauntletError } from '../errors.ts';
import type { Architecture } from '../platform.ts';
import { readElf } from '../toolchain/elf.ts';
import type { ImageContext, ImageLayer, LayerEntry } from './image.ts';

/** Debian's name of an architecture's library folder. */
const libraryFolders: Readonly<Record<Architecture, string>> = { amd64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' };

/** Where Debian's dynamic linker looks, in its order. */
function libraryPaths(architecture: Architecture): readonly string[] {
  const folder = libraryFolders[architecture];
  return [`lib/${folder}`, `usr/lib/${folder}`];
}

/**
 * The layer that dynamically linked binaries need to run: their dynamic linker and libraries, and what those need in turn.
 * Static binaries need nothing, so the layer may be empty.
 *
 * @throws GauntletError `GAUNTLET_IMAGE` naming a library that Debian's C and C++ runtimes do not have.
 */
export async function sharedLibraries(binaries: readonly string[], { architecture, toolchain, signal }: ImageContext): Promise<ImageLayer> {
  const { directory } = await toolchain.resolve('debian-userland', { architecture, ...(signal && { signal }) });
  const entries = new Map<string, LayerEntry>();
  const pending: ElfUser[] = binaries.map((path) => ({ path, name: path }));
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const { path, source } of await requirementsOf(next, directory, architecture)) {
      if (entries.has(path)) continue;
      entries.set(path, { type: 'file', path, source, mode: 0o755 });
      pending.push({ path: source, name: path });
    }
  }
  return { name: 'libraries', entries: [...entries.values()] };
}

/** A binary or library whose needs are to be met. */
interface ElfUser {
  readonly path: string;
  readonly name: string;
}

interface Requirement {
  /** Path in the image. */
  readonly path: string;
  /** Path on this machine. */
  readonly source: string;
}

async function requirementsOf(user: ElfUser, userland: string, architecture: Architecture): Promise<readonly Requirement[]> {
  const elf = await readElf(user.path);
  if (elf === undefined) return [];
  const libraries = await Promise.all(elf.needed.map((name) => findLibrary(name, user, userland, architecture)));
  if (elf.interpreter === undefined) return libraries;
  // The linker's well-known path is a link into a library folder in Debian; in the image it is the file itself.
  const linker = await findLibrary(elf.interpreter.split('/').at(-1) ?? '', user, userland, architecture);
  return [...libraries, { path: elf.interpreter.replace(/^\//, ''), source: linker.source }];
}

async function findLibrary(name: string, user: ElfUser, userland: string, architecture: Architecture): Promise<Requirement> {
  const folders = libraryPaths(architecture);
  for (const folder of folders) {
    const candidate = join(userland, folder, name);
    if (await exists(candidate)) return { path: `${folder}/${name}`, source: await realpath(candidate) };
  }
  throw new GauntletError('GAUNTLET_IMAGE', `${user.name} needs the library ${name}, which Debian's C and C++ runtimes do not have`, {
    hint: 'Link the binary statically, or give an image that has the library (--controller-image, --proxy-image).',
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
