// SPDX-License-Identifier: Apache-2.0
import { stringify } from 'yaml';
import { curlCommand, type CurlFiles } from '../../probe/curl.ts';
import type { Exchange } from '../../probe/exchange.ts';
import { shellQuote } from '../../probe/shell-quote.ts';
import type { Resource } from '../../kube/kube.ts';
import type { Check } from '../check.ts';
import { runNamespace } from '../run-namespace.ts';
import type { Scene } from '../scene.ts';
import type { EvidenceFolder } from './evidence-folder.ts';
import { isSensitiveHeader, type Redactor } from './redactor.ts';
import { hasCourse, replayScript } from './replay.ts';

/** What a reproducer is made from. */
export interface ReproducerOptions {
  readonly check: Check;
  /** The command that executes it: `run`, `lifecycle`, `load`. */
  readonly command: string;
  readonly scene: Scene;
  readonly folder: EvidenceFolder;
  /** The exchange that showed the failure, or else the last one. */
  readonly exchange: Exchange | undefined;
}

/**
 * Commands that show a failure again, in order: the check alone with everything left standing, what it applied, what it changed over time where it did,
 * and the request that failed.
 * What is secret is read from files beside the evidence, so that the commands can be shown to anyone.
 */
export async function reproducer({ check, command, scene, folder, exchange }: ReproducerOptions): Promise<readonly string[]> {
  const commands = [`gauntlet ${command} ${check.id} --keep`, await applyCommand(scene, folder)];
  const { changes } = scene.kube;
  if (hasCourse(changes)) commands.push(`sh ${shellQuote(await folder.addKey('replay.sh', replayScript(check.id, changes)))}`);
  // What failed elsewhere is one of thousands of requests at a moment that has passed; its exchanges are about something else.
  if (exchange && command === 'run') commands.push(await requestCommand(exchange, scene.redactor, folder));
  return commands;
}

async function applyCommand(scene: Scene, folder: EvidenceFolder): Promise<string> {
  const { resources } = scene.applied;
  const secrets = resources.filter((resource) => resource.kind === 'Secret');
  const others = [
    runNamespace(scene.namespace, scene.context.session.runId, scene.context.id),
    ...resources.filter((one) => one.kind !== 'Secret'),
  ];
  await folder.add({
    title: 'Everything that the check applied',
    side: 'api',
    name: 'manifest.yaml',
    content: asYaml(others),
    contentType: 'application/yaml',
  });
  const files = [folder.pathOf('manifest.yaml')];
  if (secrets.length > 0) files.push(await folder.addKey('secrets.yaml', asYaml(secrets)));
  return `kubectl apply ${files.map((file) => `-f ${shellQuote(file)}`).join(' ')}`;
}

async function requestCommand(exchange: Exchange, redactor: Redactor, folder: EvidenceFolder): Promise<string> {
  const command = curlCommand(exchange, await keyFiles(exchange, redactor, folder));
  if (redactor.redact(command) === command) return command;
  // A secret in the path or the body has no file option of its own.
  return `sh ${shellQuote(await folder.addKey('request.sh', `${command}\n`))}`;
}

async function keyFiles({ request }: Exchange, redactor: Redactor, folder: EvidenceFolder): Promise<CurlFiles> {
  const headers: Record<string, string> = {};
  for (const [name, values] of Object.entries(request.headers ?? {})) {
    const lines = [values]
      .flat()
      .map((value) => `${name}: ${value}\n`)
      .join('');
    const isSecret = isSensitiveHeader(name) || redactor.redact(lines) !== lines;
    if (isSecret) headers[name.toLowerCase()] = await folder.addKey(`header-${name.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-')}`, lines);
  }
  const { ca, certificate, key } = request.tls ?? {};
  return {
    headers,
    ...(ca === undefined ? {} : { ca: await folder.addKey('ca.pem', ca) }),
    ...(certificate === undefined ? {} : { certificate: await folder.addKey('client.pem', certificate) }),
    ...(key === undefined ? {} : { key: await folder.addKey('client-key.pem', key) }),
  };
}

/** Objects as one YAML text. */
export const asYaml = (resources: readonly Resource[]): string => resources.map((resource) => stringify(resource)).join('---\n');
