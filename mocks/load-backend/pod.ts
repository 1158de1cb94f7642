// SPDX-License-Identifier: Apache-2.0
import type { Resource } from '../../harness/kube/kube.ts';
import { loadBackendPort } from './envoy-configuration.ts';
import { loadBackendImage } from './image.ts';

/** The pod of a backend for load, and its Service, both of this name. */
export function loadBackend(name: string): readonly [pod: Resource, service: Resource] {
  const labels = { 'app.kubernetes.io/name': name };
  return [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels },
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
            ports: [{ containerPort: loadBackendPort }],
            readinessProbe: { httpGet: { path: '/0k', port: loadBackendPort }, periodSeconds: 1 },
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
