// SPDX-License-Identifier: Apache-2.0
import { GauntletError } from '../../errors.ts';
import { missingPackages } from '../os-packages.ts';
import type { ToolSource } from '../tool.ts';
import { prepareFromDeb } from './deb.ts';
import { prepareFromGo, prepareFromModuleFiles } from './go.ts';
import { prepareFromMaven } from './maven.ts';
import { prepareFromNpm } from './npm.ts';
import type { Preparation, Prepared } from './preparation.ts';
import { prepareFromRelease } from './release.ts';
import { prepareFromWheel } from './wheel.ts';

/**
 * Fills the content folder of a preparation from one source.
 *
 * @throws GauntletError as the source does, mostly `GAUNTLET_TOOL_BUILD_FAILED`.
 */
export async function prepareFrom(source: ToolSource, preparation: Preparation): Promise<Prepared> {
  switch (source.kind) {
    case 'release':
      return prepareFromRelease(source, preparation);
    case 'go':
      return prepareFromGo(source, preparation);
    case 'module-files':
      return prepareFromModuleFiles(source, preparation);
    case 'wheel':
      return prepareFromWheel(source, preparation);
    case 'npm':
      return prepareFromNpm(source, preparation);
    case 'deb':
      return prepareFromDeb(source, preparation);
    case 'maven':
      return prepareFromMaven(source, preparation);
    case 'os':
      throw missingPackages([source.package]);
    case 'given':
      throw new GauntletError('GAUNTLET_USAGE', `${preparation.definition.title} is in no package registry, so it cannot be brought here`, {
        hint: `Give the path of a build of it: ${source.flag} PATH, or --tool ${preparation.definition.name}=PATH where only the tool is meant.`,
      });
  }
}

/** How a source gives the tool, for a person. */
export function describeSource(source: ToolSource): string {
  switch (source.kind) {
    case 'release':
      return `download from ${new URL(source.url).host}`;
    case 'go':
      return `build from modules/${source.module}`;
    case 'module-files':
      return `copy from ${source.from}`;
    case 'wheel':
      return `download the wheel ${source.project}`;
    case 'npm':
      return `take the npm package ${source.packages.amd64.name.replace(/-x64$/, '')}`;
    case 'deb':
      return `download Debian packages (${source.packages.join(', ')})`;
    case 'maven':
      return `download the Maven artifact ${source.group}:${source.name}`;
    case 'os':
      return `install the package ${source.package}`;
    case 'given':
      return `give its path by ${source.flag}`;
  }
}
