// SPDX-License-Identifier: Apache-2.0
import type { Resource } from '../../harness/kube/kube.ts';
import { envoyConfiguration, loadBackendPort } from './envoy-configuration.ts';
import { envoyArguments, loadBackendImage } from './image.ts';

/** What makes a backend for load different from the usual one. */
export interface LoadBackendOptions {
  /** Status of its answers, by which it is told from others; 200 by default. */
  readonly status?: number;
  /** More labels, for a Service of several backends. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Whether the cluster asks it if it is ready; `true` by default. Otherwise it is ready as long as it runs. */
  readonly isAsked?: boolean;
}

/** The pod of a backend for load, and its Service, both of this name. */
export function loadBackend(
  name: string,
  { status, labels: more = {}, isAsked = true }: LoadBackendOptions = {},
): readonly [pod: Resource, service: Resource] {
  const labels = { 'app.kubernetes.io/name': name };
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
            ...(status === undefined
              ? {}
              : { args: ['--config-yaml', JSON.stringify(envoyConfiguration(undefined, status)), ...envoyArguments] }),
            ports: [{ containerPort: loadBackendPort }],
            ...(isAsked ? { readinessProbe: { httpGet: { path: '/0k', port: loadBackendPort }, periodSeconds: 1 } } : {}),
            securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
          },
        ],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { selector: labels, ports: [{ port: loadBackendPort, targetPort: loadBackendPort }] },
    },
  ];
}
