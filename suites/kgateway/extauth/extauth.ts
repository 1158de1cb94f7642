// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut, type Check } from '../../../harness/check/check.ts';
import { condition } from '../../../harness/check/conditions.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import type { ServiceReference } from '../../../fixtures/gateway-api/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { gatewayExtension } from '../../../fixtures/kgateway/gateway-extension.ts';
import type { GatewayExtensionSpec } from '../../../fixtures/kgateway/generated/gateway-extension.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const sibling = 'a request to another route of the Gateway reaches the backend';
const replaced = 'a request to a route whose provider cannot be used gets the replacement answer and does not reach the backend';
const stays = 'the replacement stays, with the credential and without it';
const status = 'each route and each policy say what is wrong';

const credential = { 'x-ext-authz': 'allow' };

/** A provider that cannot be used, and what the policy that names it says. */
interface BrokenProvider {
  readonly label: string;
  readonly spec: (server: ServiceReference) => GatewayExtensionSpec;
  readonly message: string | RegExp;
}

interface BrokenProviders {
  readonly id: string;
  readonly title: string;
  readonly priority: 'P0' | 'P1';
  readonly providers: readonly BrokenProvider[];
}

const noBackend = 'failed to resolve ExtAuth gRPC backend';
const rows: readonly BrokenProviders[] = [
  {
    id: 'extauth-missing-backend',
    title: 'A route whose authorization provider names a server that does not exist answers with an error',
    priority: 'P0',
    providers: [
      {
        label: 'service',
        spec: ({ port }) => ({ extAuth: { grpcService: { backendRef: { name: 'nobody', port } } } }),
        message: noBackend,
      },
      { label: 'port', spec: ({ name }) => ({ extAuth: { grpcService: { backendRef: { name, port: 9 } } } }), message: noBackend },
      {
        label: 'kind',
        spec: (server) => ({ extAuth: { grpcService: { backendRef: { ...server, group: 'example.test', kind: 'Nothing' } } } }),
        message: noBackend,
      },
      {
        label: 'http',
        spec: ({ port }) => ({ extAuth: { httpService: { backendRef: { name: 'nobody', port } } } }),
        message: 'failed to resolve ExtAuth HTTP backend',
      },
    ],
  },
  {
    id: 'extauth-wrong-type',
    title: 'A route whose policy names a provider of another type for authorization answers with an error',
    priority: 'P1',
    providers: [
      {
        label: 'rate-limit',
        spec: (backendRef) => ({ rateLimit: { domain: 'gauntlet', grpcService: { backendRef } } }),
        message: 'expected gatewayextension type ExtAuth',
      },
      {
        label: 'ext-proc',
        spec: (backendRef) => ({ extProc: { grpcService: { backendRef } } }),
        message: 'expected gatewayextension type ExtAuth',
      },
    ],
  },
  {
    id: 'extauth-failopen-missing-ge',
    title: 'A policy that is open on errors is not open when its provider cannot be used',
    priority: 'P1',
    providers: [
      {
        label: 'open',
        spec: ({ port }) => ({ extAuth: { failOpen: true, grpcService: { backendRef: { name: 'nobody', port } } } }),
        message: noBackend,
      },
    ],
  },
];

function checkOf({ id, title, priority, providers }: BrokenProviders): Check {
  return defineCheck({
    id,
    title,
    feature: 'validation.route-replacement',
    priority,
    specification: [
      kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/gateway_extension.go'),
      kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/extauth_policy.go'),
      kgatewaySource('pkg/kgateway/translator/irtranslator/route.go'),
    ],
    requires: ['gateway', 'echo', 'extAuth', 'policies'],
    sabotages: [
      { name: subjectLeftOut, title: 'The policies are left out', breaks: replaced },
      { name: 'provider-sound', title: 'The providers are sound', breaks: replaced },
    ],
    async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateway, echo, extAuth, policies }) {
      const sound: GatewayExtensionSpec = { extAuth: { grpcService: { backendRef: extAuth.service } } };
      const broken = providers.map(({ label, spec, message }) => {
        const host = hostname(label);
        const route = httpRoute(label).on(gateway).host(host).rule({ to: echo.service });
        const provider = gatewayExtension(label, sabotaged('provider-sound') ? sound : spec(extAuth.service));
        const policy = trafficPolicy(label, [route], { extAuth: { extensionRef: { name: label } } });
        return { host, route, provider, policy, message };
      });
      const siblingHost = hostname('sibling');
      for (const { provider, policy } of broken) {
        await apply(provider);
        await apply.subject(policy);
      }
      await apply(...broken.map(({ route }) => route), httpRoute('sibling').on(gateway).host(siblingHost).rule({ to: echo.service }));
      const { answer, route: routeCondition, policy: policyCondition } = policies.outcomes.brokenPolicy;
      const allReplaced = async (): Promise<void> => {
        for (const { host } of broken) {
          for (const headers of [{}, credential]) await denied(await gateway.get('/', { host, headers }), { ...answer, before: echo });
        }
      };

      await expect.eventually(sibling, async () => {
        await reached(await gateway.get('/', { host: siblingHost }), echo);
      });

      await expect.eventually(replaced, allReplaced);

      await expect.consistently(stays, allReplaced);

      await expect.eventually(
        status,
        async () => {
          for (const { route, policy, message } of broken) {
            condition(await kube.get(referenceTo(route, namespace)), routeCondition.type, routeCondition);
            condition(await kube.get(referenceTo(policy, namespace)), policyCondition.type, { ...policyCondition, message });
          }
        },
        { within: budgets.status, streak: 1 },
      );
    },
  });
}

export default rows.map(checkOf);
