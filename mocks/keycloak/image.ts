// SPDX-License-Identifier: Apache-2.0
import { readdir, readlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { baseLayer, defaultPath, shellLayer } from '../../harness/images/base-layer.ts';
import type { ImageContext, ImageDefinition, LayerEntry } from '../../harness/images/image.ts';
import type { ToolName } from '../../harness/toolchain/tool.ts';

const options = [
  '-Xms64m -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1',
  '-Djava.util.concurrent.ForkJoinPool.common.threadFactory=io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory',
  '--add-opens=java.base/java.util=ALL-UNNAMED --add-opens=java.base/java.util.concurrent=ALL-UNNAMED',
  '--add-opens=java.base/java.security=ALL-UNNAMED',
  '-Djava.util.logging.manager=org.jboss.logmanager.LogManager',
  '-Dkc.home.dir=/opt/keycloak -Djboss.server.config.dir=/opt/keycloak/conf',
].join(' ');

/**
 * What kc.sh does, without the commands that it needs: the first start makes Keycloak fit its settings and ends, the second one serves. Java's own
 * list of authorities is made by a script of a package that is not installed; Keycloak, which calls nobody here, gets an empty one
 * (a keystore is a magic number, a version, a count, and a digest).
 */
const start = String.raw`printf '\376\355\376\355\0\0\0\2\0\0\0\0\342\150\156\105\373\103\337\244\331\222\335\101\316\266\262\034\143\060\327\222' > /etc/ssl/certs/java/cacerts
java() { /usr/lib/jvm/current/bin/java ${options} "$@" -cp /opt/keycloak/lib/quarkus-run.jar io.quarkus.bootstrap.runner.QuarkusEntryPoint start-dev --cache=local --db=dev-mem; }
java
java -Dkc.config.built=true
`;

/** Keycloak in development mode, as root since it writes beside its own files. */
export const keycloakImage: ImageDefinition = {
  reference: 'gauntlet.dev/keycloak:26.4.5',
  title: 'Keycloak, an OpenID provider',
  config: { entrypoint: ['/bin/sh', '/opt/start.sh'], env: { PATH: defaultPath } },
  tools: ['java', 'keycloak', 'debian-userland'],
  async layers(context) {
    const runtime = await resolve('java', context);
    const server = await resolve('keycloak', context);
    const folders = (await readdir(join(runtime, 'usr/lib/jvm'))).filter((name) => /^java-\d+-openjdk/.test(name));
    const java = (await entriesOf(runtime)).filter(({ path }) => /^(lib|lib64|usr\/lib|usr\/lib64|etc\/java)/.test(path));
    return [
      baseLayer,
      await shellLayer(context),
      {
        name: 'java',
        entries: [
          ...java,
          ...linksOfMergedUsr(java),
          { type: 'symlink', path: 'usr/lib/jvm/current', target: folders[0] ?? '' },
          { type: 'directory', path: 'etc/ssl/certs/java' },
        ],
      },
      {
        name: 'keycloak',
        entries: (await entriesOf(join(server, 'keycloak'))).map((entry) => ({ ...entry, path: `opt/keycloak/${entry.path}` })),
      },
      { name: 'start', entries: [{ type: 'text', path: 'opt/start.sh', text: start }] },
    ];
  },
};

async function resolve(name: ToolName, { architecture, toolchain, signal }: ImageContext): Promise<string> {
  return (await toolchain.resolve(name, { architecture, ...(signal && { signal }) })).directory;
}

/** Everything below a folder, at the same paths. */
async function entriesOf(directory: string): Promise<readonly LayerEntry[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries
      .filter((entry) => !entry.isDirectory())
      .map(async (entry): Promise<LayerEntry> => {
        const source = join(entry.parentPath, entry.name);
        const path = relative(directory, source);
        return entry.isSymbolicLink() ? { type: 'symlink', path, target: await readlink(source) } : { type: 'file', path, source };
      }),
  );
}

/** Newer Debians have everything below `/usr`, and links where binaries look. */
function linksOfMergedUsr(entries: readonly LayerEntry[]): readonly LayerEntry[] {
  return ['lib', 'lib64']
    .filter((folder) => !entries.some(({ path }) => path.startsWith(`${folder}/`)))
    .map((folder) => ({ type: 'symlink', path: folder, target: `usr/${folder}` }));
}
