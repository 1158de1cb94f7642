// SPDX-License-Identifier: Apache-2.0
import { GauntletError } from '../errors.ts';
import { ApiRefusal, apiRefused, type ApiConnection, type ApiRequest } from './connection.ts';

/** What the server knows of a kind: enough to build its paths. */
export interface DiscoveredKind {
  readonly plural: string;
  readonly namespaced: boolean;
}

/** A kind of one API version. */
export interface KindReference {
  readonly apiVersion: string;
  readonly kind: string;
}

/** The server does not serve the kind, now: a CRD may bring it later. */
export class KindUnknown extends GauntletError {
  constructor(reference: KindReference) {
    super('GAUNTLET_API', `The server does not serve the kind ${reference.kind} of ${reference.apiVersion}`, {
      hint: 'Apply the CRDs that define it first, and check the spelling of apiVersion and kind.',
    });
  }
}

/** Finds kinds by asking the server, once per API version and again for a kind that was not there. */
export class Discovery {
  readonly #connection: ApiConnection;
  readonly #known = new Map<string, Promise<ReadonlyMap<string, DiscoveredKind>>>();

  constructor(connection: ApiConnection) {
    this.#connection = connection;
  }

  /** @throws GauntletError `GAUNTLET_API`, as {@link KindUnknown} when the server does not serve it. */
  async find(reference: KindReference): Promise<DiscoveredKind> {
    const cached = this.#known.get(reference.apiVersion);
    const found = (await (cached ?? this.#ask(reference.apiVersion))).get(reference.kind);
    if (found !== undefined) return found;
    if (cached === undefined) throw new KindUnknown(reference);
    // Someone else may have asked again meanwhile: then theirs is fresh enough.
    const fresh = await (this.#known.get(reference.apiVersion) === cached
      ? this.#ask(reference.apiVersion)
      : this.#known.get(reference.apiVersion));
    const kind = fresh?.get(reference.kind);
    if (kind === undefined) throw new KindUnknown(reference);
    return kind;
  }

  #ask(apiVersion: string): Promise<ReadonlyMap<string, DiscoveredKind>> {
    const asked = this.#fetch(apiVersion);
    this.#known.set(apiVersion, asked);
    asked.catch(() => {
      if (this.#known.get(apiVersion) === asked) this.#known.delete(apiVersion);
    });
    return asked;
  }

  async #fetch(apiVersion: string): Promise<ReadonlyMap<string, DiscoveredKind>> {
    const request: ApiRequest = { method: 'GET', path: versionPath(apiVersion) };
    const answer = await this.#connection.request(request);
    if (answer.status === 404) return new Map();
    if (answer.status !== 200) throw apiRefused(request, answer);
    const { resources } = JSON.parse(answer.text) as { resources: { name: string; kind: string; namespaced: boolean }[] };
    const kinds = resources.filter((resource) => !resource.name.includes('/'));
    return new Map(kinds.map((resource) => [resource.kind, { plural: resource.name, namespaced: resource.namespaced }]));
  }
}

/** Whether an error means that the thing is not there, as opposed to a server that fails. */
export function isNotFound(error: unknown): boolean {
  return error instanceof KindUnknown || (error instanceof ApiRefusal && error.status === 404);
}

/** The path of an API version: `/api/v1`, `/apis/gateway.networking.k8s.io/v1`. */
export function versionPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** The path of a collection, or of one object in it. A namespace is left away for a kind that has none, and `default` where one is missing. */
export function resourcePath(
  apiVersion: string,
  kind: DiscoveredKind,
  place: { namespace?: string | undefined; name?: string; all?: boolean },
): string {
  const namespace = kind.namespaced && place.all !== true ? `/namespaces/${encodeURIComponent(place.namespace ?? 'default')}` : '';
  const name = place.name === undefined ? '' : `/${encodeURIComponent(place.name)}`;
  return `${versionPath(apiVersion)}${namespace}/${kind.plural}${name}`;
}
