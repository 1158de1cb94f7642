// SPDX-License-Identifier: Apache-2.0
import { join, posix, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { GauntletError } from '../errors.ts';
import type { Architecture } from '../platform.ts';
import type { Downloader } from './download.ts';
import { makeProgramsExecutable } from './file-tree.ts';
import type { ToolDefinition } from './tool.ts';
import type { Preparation, Prepared } from './sources/preparation.ts';

interface MirrorFile {
  /** Path below the mirror. */
  readonly path: string;
  /** Path below the content folder of the tool. */
  readonly output: string;
  readonly sha256: string;
}

/**
 * A place of the user's own with ready binaries, named by `GAUNTLET_MIRROR`: a URL or a folder. Its layout:
 *
 * ```
 * SHA256SUMS                                   as `sha256sum` writes it, one line for every file below
 * <tool>/<version>/linux-<arch>/<output>       for example kubelet/1.35.4/linux-amd64/kubelet; outputs may be folders
 * ```
 *
 * Whoever names a mirror trusts its `SHA256SUMS`; a tool that it does not list comes as without a mirror.
 */
export class Mirror {
  readonly #base: URL;
  readonly #downloader: Downloader;
  #sums: Promise<readonly Omit<MirrorFile, 'output'>[]> | undefined;

  /** @throws GauntletError `GAUNTLET_USAGE` if `location` is neither a URL nor a path. */
  constructor(location: string, downloader: Downloader) {
    this.#base = baseUrl(location);
    this.#downloader = downloader;
  }

  /**
   * Fills the content folder from the mirror; undefined if the mirror does not have the tool.
   *
   * @throws GauntletError `GAUNTLET_TOOL_BUILD_FAILED` if it should have it and does not give it.
   */
  async prepare({ definition, architecture, content, signal }: Preparation): Promise<Prepared | undefined> {
    this.#sums ??= this.#readSums(signal);
    const files = mirrorFiles(await this.#sums, definition, architecture);
    if (files === undefined) return undefined;
    for (const { path, output, sha256 } of files) {
      await this.#downloader.file({ url: new URL(path, this.#base), sha256, destination: join(content, output), signal });
    }
    await makeProgramsExecutable(content);
    return { origin: 'download', provenance: `mirror ${this.#base.host || this.#base.pathname}` };
  }

  async #readSums(signal: AbortSignal | undefined): Promise<readonly Omit<MirrorFile, 'output'>[]> {
    const text = await this.#downloader.text(new URL('SHA256SUMS', this.#base), signal);
    if (text === undefined) {
      throw new GauntletError('GAUNTLET_TOOL_BUILD_FAILED', `The mirror ${this.#base.href} has no SHA256SUMS`, {
        hint: 'Write one in its top folder: find . -type f ! -name SHA256SUMS -printf "%P\\n" | xargs sha256sum > SHA256SUMS',
      });
    }
    return parseSums(text);
  }
}

function baseUrl(location: string): URL {
  const url = /^(https?|file):/.test(location) ? location : pathToFileURL(resolve(location)).href;
  try {
    return new URL(url.endsWith('/') ? url : `${url}/`);
  } catch (error) {
    throw new GauntletError('GAUNTLET_USAGE', `GAUNTLET_MIRROR is neither a URL nor a folder: ${location}`, {
      hint: 'Give https://host/path or the path of a folder.',
      cause: error,
    });
  }
}

/** Lines of the form `<sha256>  <path>`; anything else is left out, as are paths that lead out of the mirror. */
export function parseSums(text: string): readonly { readonly sha256: string; readonly path: string }[] {
  return text.split('\n').flatMap((line) => {
    const [, sha256, path] = /^([0-9a-f]{64}) [ *](?:\.\/)?(\S.*?)\s*$/.exec(line) ?? [];
    const isInside = path !== undefined && posix.normalize(path) === path && !path.startsWith('/') && !path.startsWith('..');
    return sha256 !== undefined && isInside ? [{ sha256, path }] : [];
  });
}

/** The files of one tool, if every output is among them. */
function mirrorFiles(
  sums: readonly { readonly sha256: string; readonly path: string }[],
  { name, version, outputs }: ToolDefinition,
  architecture: Architecture,
): readonly MirrorFile[] | undefined {
  const prefix = `${name}/${version}/linux-${architecture}/`;
  const files = sums.filter(({ path }) => path.startsWith(prefix)).map((file) => ({ ...file, output: file.path.slice(prefix.length) }));
  const isWhole = outputs.every((output) => files.some((file) => file.output === output || file.output.startsWith(`${output}/`)));
  return isWhole ? files : undefined;
}
