// SPDX-License-Identifier: Apache-2.0
import { Ajv, type ValidateFunction } from 'ajv';
import { GauntletError, messageOf } from '../errors.ts';
import type { Resource } from './kube.ts';

type Schema = Readonly<Record<string, unknown>>;

/** A CustomResourceDefinition, as far as validation reads it. */
export interface CustomResourceDefinition extends Resource {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}

/** Validators of a definition's versions, by `group/version Kind`. They also refuse what the API server would drop without a word: a field that the schema does not have. */
export function validatorsOf({ spec }: CustomResourceDefinition): ReadonlyMap<string, ValidateFunction> {
  return new Map(
    spec.versions.map(({ name, schema }) => [
      `${spec.group}/${name} ${spec.names.kind}`,
      new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(closed(schema.openAPIV3Schema)),
    ]),
  );
}

/**
 * Holds a resource against the definition of its kind, without an API server.
 *
 * @throws GauntletError `GAUNTLET_CONFIG_INVALID` if none of the documents defines it, or it does not fit.
 */
export function assertFitsDefinition(resource: Resource, documents: readonly unknown[], file: string): void {
  const kind = `${resource.apiVersion} ${resource.kind}`;
  const validate = validatorIn(documents, kind, file);
  if (validate === undefined) {
    throw new GauntletError('GAUNTLET_CONFIG_INVALID', `${file} does not define ${kind}`, {
      hint: 'Give the file of the CustomResourceDefinition of the version that the cluster has.',
    });
  }
  const { name } = resource.metadata;
  if (validate(resource)) return;
  const errors = (validate.errors ?? []).map(({ instancePath, message = '', params }) => {
    const field: unknown = params['additionalProperty'];
    return `${instancePath === '' ? '/' : instancePath} ${message}${typeof field === 'string' ? `: ${field}` : ''}`;
  });
  throw new GauntletError('GAUNTLET_CONFIG_INVALID', `${kind} ${name} does not fit its definition: ${errors.join('; ')}`, {
    hint: `The definition in ${file} is of another version than the manifests are written for.`,
  });
}

function validatorIn(documents: readonly unknown[], kind: string, file: string): ValidateFunction | undefined {
  try {
    return documents
      .filter(isDefinition)
      .map((definition) => validatorsOf(definition).get(kind))
      .find((validate) => validate !== undefined);
  } catch (error) {
    throw new GauntletError('GAUNTLET_CONFIG_INVALID', `The schema in ${file} cannot be read: ${messageOf(error)}`, {
      hint: 'Give the file as the project publishes it.',
      cause: error,
    });
  }
}

const isDefinition = (document: unknown): document is CustomResourceDefinition =>
  typeof document === 'object' && document !== null && 'kind' in document && document.kind === 'CustomResourceDefinition';

function closed(schema: Schema): Schema {
  const isObject = 'properties' in schema && schema['x-kubernetes-preserve-unknown-fields'] !== true;
  const entries = Object.entries(schema).map(([key, value]) => {
    if (key === 'properties') return [key, mapValues(value as Readonly<Record<string, Schema>>, closed)];
    if ((key === 'items' || key === 'additionalProperties') && typeof value === 'object') return [key, closed(value as Schema)];
    return [key, value];
  });
  return { ...(Object.fromEntries(entries) as Schema), ...(isObject ? { additionalProperties: false } : {}) };
}

function mapValues<A, B>(values: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]));
}
