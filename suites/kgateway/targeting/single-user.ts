// SPDX-License-Identifier: Apache-2.0
import { denied, reached } from '../../../harness/check/matchers.ts';
import type { ArrivalRecorder, Exchange, ProbeRequest } from '../../../harness/probe/exchange.ts';
import type { Section } from '../../../fixtures/gateway-api/reference.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { basicAuthorization, htpasswdLine, randomSecret } from '../../../fixtures/passwords/passwords.ts';
import type { Resource } from '../../../harness/kube/kube.ts';

/** A user of its own for each of several policies: who passes shows which of them holds. */
export interface SingleUser {
  readonly name: string;
  /** The header with which the user shows itself. */
  readonly authorization: string;
  /** The fields of a policy that lets in this user and nobody else. */
  readonly fields: { readonly basicAuth: { users: string[] } };
  /** A policy of the user's name with these fields. */
  policy(...targets: readonly (Resource | Section)[]): Resource;
}

/** Makes a user with a password of its own. */
export function singleUser(name: string): SingleUser {
  const credentials = { user: name, password: randomSecret() };
  const fields = { basicAuth: { users: [htpasswdLine(credentials)] } };
  return {
    name,
    authorization: basicAuthorization(credentials),
    fields,
    policy: (...targets) => trafficPolicy(name, targets, fields),
  };
}

/**
 * Holds when requests of one user reach the backend, and those of the others, and without credentials, do not.
 *
 * @throws Mismatch otherwise.
 */
export async function onlyPasses(
  user: SingleUser,
  others: readonly SingleUser[],
  to: { readonly send: (request: ProbeRequest) => Promise<Exchange>; readonly echo: ArrivalRecorder },
): Promise<void> {
  await reached(await to.send({ headers: { authorization: user.authorization } }), to.echo);
  const strangers = others.filter((other) => other !== user).map(({ authorization }) => ({ authorization }));
  for (const headers of [{}, ...strangers]) await denied(await to.send({ headers }), { status: 401, before: to.echo });
}
