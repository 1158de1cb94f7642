// SPDX-License-Identifier: Apache-2.0
import { setTimeout as pause } from 'node:timers/promises';
import { tlsSecret } from '../../fixtures/core/core.ts';
import type { IdentityProvider, RelyingParty } from '../../fixtures/openid/identity-provider.ts';
import { providersAuthority, trustInProvider } from '../../fixtures/openid/trust.ts';
import { randomSecret } from '../../fixtures/passwords/passwords.ts';
import type { CheckContext, SharedContext } from '../../harness/check/check.ts';
import { GauntletError, messageOf } from '../../harness/errors.ts';
import type { Resource, ResourceReference } from '../../harness/kube/kube.ts';
import { milliseconds, seconds } from '../../harness/units.ts';
import { endpointsFor, servicePort, serviceFor } from '../peers.ts';
import { podState } from '../pod.ts';
import { KeycloakAdmin } from './admin.ts';
import { keycloakPod } from './pod.ts';

/** Name of the Service, the pod and the Secret. */
const name = 'keycloak';
const host = 'keycloak.gauntlet.test';
const port = 8443;
/** It takes 30 seconds where nothing else is going on, and was seen to take three minutes where much is. */
const patience = seconds(210);
const pollPause = milliseconds(500);

interface Keycloak {
  readonly address: string;
  readonly admin: KeycloakAdmin;
}

/** Starts Keycloak, once per run, and waits until it answers. */
async function startKeycloak({ kube, namespace, defer, budgets }: SharedContext): Promise<Keycloak> {
  const password = randomSecret();
  const authority = await providersAuthority();
  const account: ResourceReference = { apiVersion: 'v1', kind: 'ServiceAccount', name: 'default', namespace };
  await kube.waitFor(account, 'exists', (found) => found !== undefined, budgets.peer);
  const certificate = tlsSecret(name, await authority.issue({ name: host, usage: 'server' }));
  await kube.apply({ ...certificate, metadata: { name, namespace } });
  await kube.apply(keycloakPod({ name, namespace, host, port, password }));
  const pod: ResourceReference = { apiVersion: 'v1', kind: 'Pod', name, namespace };
  defer(() => kube.remove(pod, { graceSeconds: 0 }));
  const started = await kube.waitFor(pod, 'runs', (seen) => Object.keys(podState(seen)).length > 0, budgets.peer);
  const { address, failure } = podState(started);
  const broken = async (what: string): Promise<GauntletError> =>
    new GauntletError('GAUNTLET_PEER', `Keycloak ${what}; its log:\n${await kube.logs({ namespace, name }).catch(messageOf)}`, {
      hint: 'See the evidence of the run for the pod.',
    });
  if (address === undefined) throw await broken(`did not start: ${failure ?? 'no state'}`);
  const admin = new KeycloakAdmin({ address, port, host, ca: authority.certificate, password });
  defer(() => admin[Symbol.asyncDispose]());
  const deadline = performance.now() + patience.ms;
  while (!(await admin.isUp())) {
    if (performance.now() > deadline) throw await broken('runs, but does not answer');
    await pause(pollPause.ms);
  }
  return { address, admin };
}

/** The fixture `keycloak`: a realm of the check's own on the run's Keycloak, with a user `alice`. */
async function start(context: CheckContext): Promise<IdentityProvider> {
  const { namespace, session } = context;
  const { address, admin } = await session.share(name, startKeycloak);
  await context.apply(...(await trustInProvider(name, host, namespace)));
  await context.apply(endpointsFor({ name }, namespace, { address, port }), serviceFor({ name }, namespace));
  const issuer = `https://${host}/realms/${namespace}`;
  const user = { name: 'alice', password: randomSecret() };
  context.defer(() => admin.removeRealm(namespace));
  return {
    issuer,
    host,
    endpoints: {
      authorization: `${issuer}/protocol/openid-connect/auth`,
      token: `${issuer}/protocol/openid-connect/token`,
      endSession: `${issuer}/protocol/openid-connect/logout`,
    },
    endpoint: { address, port },
    service: { name, namespace, port: servicePort },
    authority: await providersAuthority(),
    user,
    knows: (...clients: readonly RelyingParty[]) => admin.makeRealm(namespace, user, clients),
  };
}

/** The fixture `keycloak`, which is there only in a run that brings it. */
export const keycloak = Object.assign(start, {
  needs: ['keycloak'],
  announce: async (namespace: string): Promise<readonly Resource[]> => [
    ...(await trustInProvider(name, host, namespace)),
    endpointsFor({ name }, namespace),
    serviceFor({ name }, namespace),
  ],
});
