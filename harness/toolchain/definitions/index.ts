// SPDX-License-Identifier: Apache-2.0
import { agentgatewayProxy } from './agentgateway.ts';
import { coredns } from './coredns.ts';
import { debianUserland } from './debian.ts';
import { envoy } from './envoy.ts';
import { etcd } from './etcd.ts';
import { echoBasic, gatewayApiConformance, gatewayApiCrds } from './gateway-api.ts';
import { go } from './go.ts';
import { helm } from './helm.ts';
import { k6 } from './k6.ts';
import { java, keycloak } from './keycloak.ts';
import { envoyinit, kgateway, kgatewayCharts } from './kgateway.ts';
import { kubeApiserver, kubeControllerManager, kubectl, kubelet, kubeProxy, kubeScheduler } from './kubernetes.ts';
import { node } from './node.ts';
import { cniPlugins, containerd, h2load, iproute2, iptables, openssl, python, runc, utilLinux, wrk } from './system.ts';

/** Every tool that Gauntlet knows, in the order in which they are shown and prepared: what fails or is quick first, what is long and independent last. */
export const toolDefinitions = [
  containerd,
  runc,
  cniPlugins,
  iptables,
  iproute2,
  utilLinux,
  h2load,
  openssl,
  python,
  wrk,
  node,
  envoy,
  debianUserland,
  go,
  gatewayApiCrds,
  kgatewayCharts,
  etcd,
  kubeApiserver,
  kubeControllerManager,
  kubeScheduler,
  kubeProxy,
  kubelet,
  kubectl,
  coredns,
  helm,
  kgateway,
  envoyinit,
  gatewayApiConformance,
  echoBasic,
  k6,
  java,
  keycloak,
  agentgatewayProxy,
] as const;

/** Name of a tool that Gauntlet knows. */
export type ToolName = (typeof toolDefinitions)[number]['name'];
