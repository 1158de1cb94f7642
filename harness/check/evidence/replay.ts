// SPDX-License-Identifier: Apache-2.0
import { stringify } from 'yaml';
import { shellQuote } from '../../probe/shell-quote.ts';
import type { Resource } from '../../kube/kube.ts';
import { nameOf } from '../../kube/wait.ts';
import type { ApiChange } from '../recorded-kube.ts';

/** Pauses shorter than this are as long as kubectl itself takes. */
const shortestPauseMs = 100;

/** Whether doing everything once and at once would not be the same: something was deleted, or written more than once. */
export function hasCourse(changes: readonly ApiChange[]): boolean {
  const written = changes.flatMap((change) => (change.type === 'applied' ? [named(change.resource)] : []));
  return written.length < changes.length || new Set(written).size < written.length;
}

/** A shell script that does the same to the API with kubectl, in the same order and at the same pace. */
export function replayScript(title: string, changes: readonly ApiChange[]): string {
  const steps = changes.map((change, index) => {
    const pauseMs = change.at - (changes[index - 1]?.at ?? change.at);
    const pause = pauseMs < shortestPauseMs ? '' : `sleep ${(pauseMs / 1000).toFixed(1)}\n`;
    return `${pause}${command(change)}`;
  });
  return `#!/bin/sh
# ${title}: what was done to the API, in its order and at its pace. What peers were told beside it is not in here.
# KUBECTL names another client; its context must be the cluster's.
set -u
: "\${KUBECTL:=kubectl}"
say() { printf '%s  %s\\n' "$(date +%T.%3N)" "$1"; }

${steps.join('\n')}`;
}

function command(change: ApiChange): string {
  if (change.type === 'applied') {
    const { resource, status } = change;
    const options = `--server-side --force-conflicts --field-manager=gauntlet${status ? ' --subresource=status' : ''}`;
    return `say ${shellQuote(`write ${named(resource)}`)}\n$KUBECTL apply ${options} -f - <<'END'\n${stringify(resource)}END\n`;
  }
  const { reference, waited, graceSeconds } = change;
  const { apiVersion, kind, namespace, name } = reference;
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : [undefined, apiVersion];
  const resource = `${kind.toLowerCase()}${group === undefined ? '' : `.${version}.${group}`}`;
  const options = [
    ...(namespace === undefined ? [] : ['-n', shellQuote(namespace)]),
    '--ignore-not-found',
    ...(waited ? [] : ['--wait=false']),
    ...(graceSeconds === undefined ? [] : [`--grace-period=${graceSeconds}`]),
    ...(graceSeconds === 0 ? ['--force'] : []),
  ];
  return `say ${shellQuote(`delete ${nameOf(reference)}`)}\n$KUBECTL delete ${resource} ${shellQuote(name)} ${options.join(' ')}\n`;
}

function named({ apiVersion, kind, metadata: { name, namespace } }: Resource): string {
  return nameOf({ apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) });
}
