// SPDX-License-Identifier: Apache-2.0
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { modulesDirectory } from '../definition-key.ts';
import { ifLockIsFree, withLock } from '../lock.ts';
import { runLogged } from '../run-logged.ts';
import type { GoSource, ModuleFiles, ModuleFilesSource } from '../tool.ts';
import { copyTree, makeProgramsExecutable } from '../file-tree.ts';
import type { Preparation, Prepared } from './preparation.ts';

/** Settings of the user's that could change what is built are overridden; those that say where modules come from are left alone. */
const fixedEnvironment = {
  CGO_ENABLED: '0',
  GOFLAGS: '',
  GOTOOLCHAIN: 'local',
  GOWORK: 'off',
  GOOS: 'linux',
  GOEXPERIMENT: '',
  GOAMD64: 'v1',
  GOARM64: 'v8.0',
};

/**
 * Builds a tool from its pinned module. Go's build cache lies in Gauntlet's, so that a build that was interrupted goes on where it was.
 * Builds are one at a time on a machine: each one uses all of its processors.
 */
export async function prepareFromGo(source: GoSource, preparation: Preparation): Promise<Prepared> {
  const { content, cacheDirectory, signal } = preparation;
  const go = await preparation.tool('go');
  const { directory, lock } = goBuildCache(cacheDirectory);
  await withLock(lock, { onWait: () => preparation.waiting(), signal }, () => build(go.file(), source, directory, preparation));
  if (source.files) await copyModuleFiles(source.module, source.files, preparation);
  await makeProgramsExecutable(content);
  return {
    origin: 'build',
    provenance: `built by Go ${go.version} from ${source.package === '.' ? `modules/${source.module}` : source.package}`,
  };
}

async function build(
  go: string,
  source: GoSource,
  buildCache: string,
  { definition, architecture, content, scratch, log, signal }: Preparation,
): Promise<void> {
  const subcommand = source.test === true ? ['test', '-c'] : ['build'];
  await runLogged(
    {
      file: go,
      args: [...subcommand, ...buildFlags(source), '-o', join(content, definition.outputs[0]), source.package],
      cwd: join(modulesDirectory, source.module),
      env: { ...fixedEnvironment, GOARCH: architecture, GOCACHE: buildCache, GOTMPDIR: scratch },
    },
    { log, attempt: `build ${definition.name} ${definition.version}`, signal },
  );
}

/** No debug information: the linker leaves it out anyway, and compiling it takes a tenth of the time and a fifth of the build cache. */
function buildFlags(source: GoSource): string[] {
  const stamps = Object.entries(source.stamps ?? {}).map(([variable, value]) => `-X ${variable}=${value}`);
  return ['-mod=readonly', '-trimpath', '-buildvcs=false', '-gcflags=all=-dwarf=false', `-ldflags=${['-s', '-w', ...stamps].join(' ')}`];
}

/**
 * Removes Go's build cache unless a build is running: it takes gigabytes, and once every tool is there only another version would use it.
 * It is renamed first, because a compiler of a build that was interrupted may still be writing into it.
 */
export async function removeGoBuildCache(cacheDirectory: string): Promise<void> {
  const { directory, lock } = goBuildCache(cacheDirectory);
  const doomed = `${directory}.removed`;
  await ifLockIsFree(lock, async () => {
    await rm(doomed, { recursive: true, force: true });
    await rename(directory, doomed);
    await rm(doomed, { recursive: true, force: true, maxRetries: 3 });
  });
}

function goBuildCache(cacheDirectory: string): { readonly directory: string; readonly lock: string } {
  return { directory: join(cacheDirectory, 'go-build'), lock: join(cacheDirectory, 'go-build.lock') };
}

/** Takes files out of the source of a pinned Go module; `go` checks it against the committed `go.sum`. */
export async function prepareFromModuleFiles(source: ModuleFilesSource, preparation: Preparation): Promise<Prepared> {
  const version = await copyModuleFiles(source.module, source, preparation);
  return { origin: 'build', provenance: `files of ${source.from} ${version}` };
}

async function copyModuleFiles(module: string, { from, paths }: ModuleFiles, preparation: Preparation): Promise<string> {
  const { definition, content, log, signal } = preparation;
  const go = await preparation.tool('go');
  const printed = await runLogged(
    { file: go.file(), args: ['mod', 'download', '-json', from], cwd: join(modulesDirectory, module), env: fixedEnvironment },
    { log, attempt: `download ${from} for ${definition.name}`, signal },
  );
  const { Dir: directory, Version: version } = JSON.parse(printed) as { Dir: string; Version: string };
  for (const [output, path] of Object.entries(paths)) await copyTree(join(directory, path), join(content, output));
  return version;
}
