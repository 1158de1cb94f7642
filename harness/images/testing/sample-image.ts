// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Architecture } from '../../platform.ts';
import type { ResolvedTool, ToolName } from '../../toolchain/tool.ts';
import type { ImageDefinition, ToolResolver } from '../image.ts';
import { tarOf } from '../tar.ts';
import type { TarEntry } from '../tar.ts';

/** A toolchain in which every tool is one small file `<name>-<architecture>`, written unless it is there. */
export function sampleToolchain(folder: string): ToolResolver {
  return {
    async resolve(name, { architecture }) {
      const path = join(folder, `${name}-${architecture}`);
      if (!existsSync(path)) await writeFile(path, `${name} for ${architecture}`, { mode: 0o755 });
      return sampleTool(name, architecture, folder, path);
    },
  };
}

/** An image with one layer of text and one with a tool. */
export const sampleImage: ImageDefinition = {
  reference: 'example.com/sample:v1',
  title: 'A sample',
  config: { entrypoint: ['/bin/etcd'], user: '65532', env: { PATH: '/bin' }, labels: { a: 'b' } },
  tools: ['etcd'],
  async layers({ architecture, toolchain }) {
    const tool = await toolchain.resolve('etcd', { architecture });
    return [
      { name: 'base', entries: [{ type: 'text', path: 'etc/passwd', text: 'root:x:0:0::/:\n' }] },
      { name: 'tool', entries: [{ type: 'file', path: 'bin/etcd', source: tool.file() }] },
    ];
  },
};

/** Writes a tar of files by name to a path. */
export async function writeSampleTar(path: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const entries = Object.entries(files).map(([name, content]): TarEntry => {
    const bytes = Buffer.from(content);
    return { name, type: 'file', mode: 0o644, uid: 0, gid: 0, size: bytes.length, content: () => [bytes] };
  });
  await writeFile(path, tarOf(entries));
  return path;
}

function sampleTool(name: ToolName, architecture: Architecture, directory: string, path: string): ResolvedTool {
  return { name, version: '1', architecture, origin: 'build', provenance: 'a test', directory, digest: 'sha256:0', file: () => path };
}
