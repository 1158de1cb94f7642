// SPDX-License-Identifier: Apache-2.0
import type { Resource } from '../../harness/kube/kube.ts';
import {
  envoyConfiguration,
  healthPath,
  loadBackendPort,
  loadBackendTlsPort,
  type LoadBackendConfiguration,
} from './envoy-configuration.ts';
import { envoyArguments, loadBackendImage } from './image.ts';

/** What makes a backend for load different from the usual one. */
export interface LoadBackendOptions extends Pick<LoadBackendConfiguration, 'status' | 'tls' | 'answers'> {
  /** More labels, for a Service of several backends. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Whether the cluster asks it if it is ready; `true` by default. Otherwise it is ready as long as it runs. */
  readonly isAsked?: boolean;
}

/** The pod of a backend for load, and its Service, both of this name. */
export function loadBackend(
  name: string,
  { labels: more = {}, isAsked = true, ...configuration }: LoadBackendOptions = {},
): readonly [pod: Resource, service: Resource] {
  const labels = { 'app.kubernetes.io/name': name };
  const isUsual = Object.keys(configuration).length === 0;
  const isGrpc = configuration.answers === 'grpc';
  const port = { port: loadBackendPort, targetPort: loadBackendPort, ...(isGrpc ? { appProtocol: 'kubernetes.io/h2c' } : {}) };
  return [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels: { ...labels, ...more } },
      spec: {
        terminationGracePeriodSeconds: 1,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: { runAsNonRoot: true, runAsUser: 65_532 },
        containers: [
          {
            name: 'envoy',
            image: loadBackendImage.reference,
            imagePullPolicy: 'IfNotPresent',
            ...(isUsual ? {} : { args: ['--config-yaml', JSON.stringify(envoyConfiguration(configuration)), ...envoyArguments] }),
            ports: [loadBackendPort, ...(configuration.tls === undefined ? [] : [loadBackendTlsPort])].map((containerPort) => ({
              containerPort,
            })),
            ...(isAsked
              ? { readinessProbe: { httpGet: { path: isGrpc ? healthPath : '/0k', port: loadBackendPort }, periodSeconds: 1 } }
              : {}),
            securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
          },
        ],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { selector: labels, ports: [port] },
    },
  ];
}
