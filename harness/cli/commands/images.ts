// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import { findTarget } from '../../../fixtures/targets/index.ts';
import { GauntletError } from '../../errors.ts';
import { buildImage } from '../../images/build-image.ts';
import { clusterImages, conformanceImages } from '../../images/definitions/index.ts';
import type { ImageDefinition } from '../../images/image.ts';
import { describeImage, type ImageDescription } from '../../images/read-image.ts';
import { architectures, hostArchitecture, type Architecture } from '../../platform.ts';
import { Toolchain } from '../../toolchain/toolchain.ts';
import { formatBytes } from '../../units.ts';
import { withToolOption } from '../options.ts';
import { cacheDirectory } from '../paths.ts';
import { sessionImages } from '../session/build-images.ts';
import { prepareTools } from '../tool-progress.ts';

interface ImagesOptions {
  readonly target: string;
  readonly arch: Architecture | 'all';
  readonly tool: Readonly<Record<string, string>>;
  readonly json: boolean;
}

/** `gauntlet images`: what runs in the cluster, and what it is made of. */
export function imagesCommand(): Command {
  return new Command('images')
    .description('The images that Gauntlet writes')
    .addCommand(common(new Command('list').description('List the images: reference and purpose')).action(list), { isDefault: true })
    .addCommand(
      common(
        new Command('build')
          .description('Write images to the cache and print their archives')
          .argument('[references...]', 'all by default'),
      ).action(build),
    )
    .addCommand(
      common(
        new Command('inspect')
          .description('Configuration, layers and files of an image')
          .argument('<image>', 'reference, or path of an archive'),
      ).action(inspect),
    );
}

function common(command: Command): Command {
  return withToolOption(
    command
      .addOption(new Option('--target <name@version>', 'gateway whose images are meant').default('kgateway@2.2.0'))
      .addOption(
        new Option('--arch <architecture>', 'architecture, or all for a multi-architecture index')
          .choices([...architectures, 'all'])
          .default(hostArchitecture()),
      )
      .option('--json', 'print JSON', false),
  );
}

async function definitionsOf(options: ImagesOptions): Promise<readonly ImageDefinition[]> {
  const { images } = findTarget(options.target);
  return [
    ...clusterImages,
    images.controller,
    images.proxy,
    ...(await sessionImages('run')).images.filter((image) => !clusterImages.includes(image)),
    ...conformanceImages,
  ];
}

async function list(options: ImagesOptions): Promise<void> {
  const definitions = await definitionsOf(options);
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify(
        definitions.map(({ reference, title, config, tools }) => ({ reference, title, config, tools })),
        undefined,
        2,
      )}\n`,
    );
    return;
  }
  const width = Math.max(...definitions.map(({ reference }) => reference.length));
  for (const { reference, title } of definitions) process.stdout.write(`${reference.padEnd(width)}  ${title}\n`);
}

async function build(references: readonly string[], options: ImagesOptions): Promise<void> {
  const definitions = await definitionsOf(options);
  const wanted = references.length === 0 ? definitions : references.map((reference) => find(definitions, reference));
  for (const definition of wanted) {
    const { path, digest, bytes } = await write(definition, options);
    process.stdout.write(`${definition.reference}\n  ${digest}  ${formatBytes(bytes)}\n  ${path}\n`);
  }
}

async function inspect(image: string, options: ImagesOptions): Promise<void> {
  const path = existsSync(image) ? image : (await write(find(await definitionsOf(options), image), options)).path;
  const description = await describeImage(path);
  process.stdout.write(options.json ? `${JSON.stringify(description, undefined, 2)}\n` : describe(description));
}

async function write(definition: ImageDefinition, options: ImagesOptions) {
  await using toolchain = Toolchain.open({ cacheDirectory: cacheDirectory(), given: options.tool });
  const wanted = options.arch === 'all' ? architectures : [options.arch];
  for (const architecture of wanted) {
    await prepareTools(toolchain, definition.tools, (message) => process.stderr.write(`${message}\n`), { architecture });
  }
  return await buildImage(definition, { architectures: wanted, toolchain, cacheDirectory: cacheDirectory() });
}

function find(definitions: readonly ImageDefinition[], reference: string): ImageDefinition {
  const definition = definitions.find((candidate) => candidate.reference === reference);
  if (definition !== undefined) return definition;
  throw new GauntletError('GAUNTLET_USAGE', `There is no image ${reference}, and no archive of this path`, {
    hint: `The images are ${definitions.map((candidate) => candidate.reference).join(', ')}.`,
  });
}

function describe(description: ImageDescription): string {
  const lines = [description.reference, `${description.digest}  ${formatBytes(description.bytes)}`];
  for (const platform of description.platforms) {
    lines.push('', `${platform.architecture}  ${JSON.stringify(platform.config)}`);
    for (const layer of platform.layers) {
      lines.push(`  ${layer.name || layer.blob}  ${formatBytes(layer.bytes)}${layer.files === undefined ? '  (compressed)' : ''}`);
      lines.push(
        ...(layer.files ?? []).map(
          ({ path, type, bytes, target }) =>
            `    ${path}${target === undefined ? '' : ` -> ${target}`}${type === 'file' ? `  ${formatBytes(bytes)}` : ''}`,
        ),
      );
    }
  }
  return `${lines.join('\n')}\n`;
}
