// SPDX-License-Identifier: Apache-2.0
import { releaseInstallation, type RegisteredCheck } from '../../check/check.ts';
import { proxyPart } from '../../target/target.ts';
import { notice } from './markdown.ts';

/** Every check with its sources and sabotages. */
export function checksPage(checks: readonly RegisteredCheck[]): string {
  return `${notice}\n# Checks\n\n${checks.length} checks.\n\n${checks.map(section).join('\n\n')}\n`;
}

function section(check: RegisteredCheck): string {
  const links = check.specification.map(({ title, url }) => `[${title}](${url})`).join(', ');
  const conditions = [
    ...(check.installation === releaseInstallation ? [] : [`installation \`${check.installation}\``]),
    ...check.needs.filter((part) => part !== proxyPart).map((part) => `needs \`${part}\``),
    ...(check.needs.includes(proxyPart) ? [] : ['needs no proxy']),
    ...(check.serial ? ['runs alone'] : []),
  ];
  const place = [`${check.level}, ${check.priority}, \`${check.feature}\``, ...conditions, `[${check.file}](../../${check.file})`];
  return [
    `## ${check.id}`,
    '',
    `${check.title}.`,
    '',
    `${place.join(', ')}. Source: ${links}.`,
    '',
    'Sabotages, each of which must turn it red:',
    '',
    ...check.sabotages.map(({ name, title, breaks }) => `- \`${name}\`: ${title}; breaks "${breaks}"`),
  ].join('\n');
}
