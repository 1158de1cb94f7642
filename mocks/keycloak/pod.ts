// SPDX-License-Identifier: Apache-2.0
import type { Resource } from '../../harness/kube/kube.ts';
import { keycloakImage } from './image.ts';

/** What the pod is made from. */
export interface KeycloakPod {
  /** Of the pod, and of the Secret with its certificate. */
  readonly name: string;
  readonly namespace: string;
  /** The only name by which it knows itself. */
  readonly host: string;
  readonly port: number;
  /** Of the user `admin`. */
  readonly password: string;
}

/** The pod of Keycloak. A bare pod, as that of the peers: one that was started again would have forgotten its realms. */
export function keycloakPod({ name, namespace, host, port, password }: KeycloakPod): Resource {
  const env = {
    KC_BOOTSTRAP_ADMIN_USERNAME: 'admin',
    KC_BOOTSTRAP_ADMIN_PASSWORD: password,
    KC_HOSTNAME: `https://${host}`,
    KC_HTTPS_PORT: String(port),
    KC_HTTPS_CERTIFICATE_FILE: '/etc/keycloak-tls/tls.crt',
    KC_HTTPS_CERTIFICATE_KEY_FILE: '/etc/keycloak-tls/tls.key',
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { 'app.kubernetes.io/name': 'gauntlet-keycloak' } },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      containers: [
        {
          name,
          image: keycloakImage.reference,
          imagePullPolicy: 'IfNotPresent',
          env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
          ports: [{ name: 'https', containerPort: port }],
          resources: { requests: { cpu: '100m', memory: '512Mi' }, limits: { memory: '2Gi' } },
          volumeMounts: [{ name: 'tls', mountPath: '/etc/keycloak-tls', readOnly: true }],
        },
      ],
      volumes: [{ name: 'tls', secret: { secretName: name } }],
    },
  };
}
