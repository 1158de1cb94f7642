// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { vi } from 'vitest';
import { endingWithParent } from '../../process/command.ts';
import type { ImageArchive } from '../image.ts';

/** What came of a program in a container. */
export interface ContainerResult {
  readonly exitCode: number | undefined;
  /** What it printed, both streams. */
  readonly output: string;
}

/** A containerd of its own for a test, below a temporary folder. */
export interface TestContainerd extends AsyncDisposable {
  /** Imports an archive as a node does. */
  load(image: ImageArchive): Promise<void>;
  /** Digest and platforms of an image by its reference. */
  find(reference: string): Promise<string | undefined>;
  /** Runs a program in a container of the image, with the image's user and environment; its entry point if none is given. */
  run(reference: string, args?: readonly string[]): Promise<ContainerResult>;
}

/** Starts containerd; disposing ends it and removes what it wrote. */
export async function startContainerd(): Promise<TestContainerd> {
  const folder = await mkdtemp(join(tmpdir(), 'gauntlet-containerd-'));
  const socket = join(folder, 'containerd.sock');
  const config = join(folder, 'config.toml');
  const lines = ['version = 2', `root = "${folder}/root"`, `state = "${folder}/state"`, 'disabled_plugins = ["io.containerd.grpc.v1.cri"]'];
  await writeFile(config, `${[...lines, '[grpc]', `address = "${socket}"`].join('\n')}\n`);
  const command = endingWithParent({ file: 'containerd', args: ['--config', config] });
  const daemon = execa(command.file, command.args, { reject: false, stdio: 'ignore' });
  await vi.waitUntil(() => existsSync(socket), { timeout: 30_000 });
  const ctr = (...args: readonly string[]) =>
    execa('ctr', ['--address', socket, '--namespace', 'k8s.io', ...args], { reject: false, all: true });
  let containers = 0;
  return {
    async load({ path }) {
      const { failed, all } = await ctr('images', 'import', path);
      if (failed) throw new Error(`ctr images import failed: ${all}`);
    },
    async find(reference) {
      const { stdout } = await ctr('images', 'list', `name==${reference}`);
      return stdout.split('\n')[1];
    },
    async run(reference, args = []) {
      const { exitCode, all } = await ctr('run', '--rm', '--net-host', reference, `test-${containers++}`, ...args);
      return { exitCode, output: all };
    },
    async [Symbol.asyncDispose]() {
      daemon.kill();
      await daemon;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
