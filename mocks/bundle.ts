// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { rolldown, type Plugin } from 'rolldown';
import { messageOf, GauntletError } from '../harness/errors.ts';
import { definitions } from './grpc/definitions.ts';

const repository = fileURLToPath(new URL('..', import.meta.url));
const entry = fileURLToPath(new URL('./main.ts', import.meta.url));
const definitionsModule = fileURLToPath(new URL('./grpc/definitions.ts', import.meta.url));

/** The peers as one JavaScript module. */
export interface PeersBundle {
  readonly code: string;
  /** Digest of the code: SHA-256, hexadecimal. */
  readonly sha256: string;
}

/** The protocol definitions as the value that they have here: in the pod there are no files to parse them from. */
const definitionsByValue: Plugin = {
  name: 'definitions-by-value',
  load: (id) => (id === definitionsModule ? `export const definitions = ${JSON.stringify(definitions)};` : null),
};

let bundle: Promise<PeersBundle> | undefined;

/**
 * The peers, bundled into one file: the same sources give the same bytes on every machine. Bundled once per process.
 *
 * @throws GauntletError `GAUNTLET_PEER` if the sources do not bundle.
 */
export function bundlePeers(): Promise<PeersBundle> {
  bundle ??= build();
  return bundle;
}

async function build(): Promise<PeersBundle> {
  try {
    const built = await rolldown({ cwd: repository, input: entry, platform: 'node', plugins: [definitionsByValue], logLevel: 'silent' });
    const { output } = await built.generate({ format: 'esm', codeSplitting: false, minify: false, sourcemap: false, comments: false });
    await built.close();
    const { code } = output[0];
    return { code, sha256: createHash('sha256').update(code).digest('hex') };
  } catch (error) {
    throw new GauntletError('GAUNTLET_PEER', `The peers in mocks/ could not be bundled: ${messageOf(error)}`, {
      hint: 'Run `npm run types` to see what is wrong in mocks/.',
      cause: error,
    });
  }
}
