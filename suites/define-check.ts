// SPDX-License-Identifier: Apache-2.0
import { charts } from '../fixtures/charts.ts';
import { controller } from '../fixtures/controller.ts';
import { controllerMetrics } from '../fixtures/controller-metrics.ts';
import { gateway, gateways, secureGateway } from '../fixtures/gateways.ts';
import { policies } from '../fixtures/policies/policies.ts';
import { proxies } from '../fixtures/proxies.ts';
import { defineCheckWith } from '../harness/check/check.ts';
import { bothEchoes } from '../mocks/both-echoes.ts';
import { keycloak } from '../mocks/keycloak/fixture.ts';
import { oidc } from '../mocks/oidc/fixture.ts';
import {
  accessLog,
  collector,
  echo,
  extAuth,
  extAuthHttp,
  extProc,
  h2cEcho,
  keyServer,
  otherEcho,
  otherTcpEcho,
  rateLimit,
  tcpEcho,
  webSocketEcho,
} from '../mocks/peers.ts';

/** Everything that a check can require, by the name under which it gets it. */
export const fixtures = {
  accessLog,
  bothEchoes,
  charts,
  collector,
  controller,
  controllerMetrics,
  echo,
  extAuth,
  extAuthHttp,
  extProc,
  gateway,
  gateways,
  h2cEcho,
  keyServer,
  keycloak,
  oidc,
  otherEcho,
  otherTcpEcho,
  policies,
  proxies,
  rateLimit,
  secureGateway,
  tcpEcho,
  webSocketEcho,
};

/** Declares a check; `run` gets what `requires` names. */
export const defineCheck = defineCheckWith(fixtures);
