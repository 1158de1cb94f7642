// SPDX-License-Identifier: Apache-2.0
import type { Check } from '../../../harness/check/check.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import { agentgatewayBackend } from '../../../fixtures/agentgateway/agentgateway-backend.ts';
import { agentgatewayPolicy } from '../../../fixtures/agentgateway/agentgateway-policy.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { notAdmitted } from '../../admission.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const accepted = 'the same object without the contradiction is accepted';
const refused = 'the object is refused, and the refusal says why';

/** An object that contradicts itself, and the same one without the contradiction. */
interface Row {
  readonly name: string;
  readonly that: string;
  readonly sound: Resource;
  readonly contradicting: Resource;
  /** What the refusal says. */
  readonly words: string;
  readonly source: 'policy' | 'backend';
}

const route = httpRoute('app');
const edge = gateway('edge');
const service: Resource = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'app' } };
const timeouts = { traffic: { timeouts: { request: '1s' } } };
const tls = { backend: { tls: { sni: 'app.test' } } };
const llm = (more: object) => agentgatewayBackend('llm', { ai: { provider: { openai: {}, ...more } } });
const named = { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'app' };
/** As {@link agentgatewayPolicy}, for what its types do not let pass. */
const policy = (spec: object): Resource => ({
  apiVersion: 'agentgateway.dev/v1alpha1',
  kind: 'AgentgatewayPolicy',
  metadata: { name: 'policy' },
  spec,
});

const rows: readonly Row[] = [
  {
    name: 'empty',
    that: 'A policy that says nothing',
    sound: agentgatewayPolicy('policy', [route], timeouts),
    contradicting: agentgatewayPolicy('policy', [route], {}),
    words: 'At least one of traffic, frontend, or backend must be provided',
    source: 'policy',
  },
  {
    name: 'two-ways-of-targeting',
    that: 'A policy that names its targets and selects them',
    sound: policy({ ...timeouts, targetRefs: [named] }),
    contradicting: policy({
      ...timeouts,
      targetRefs: [named],
      targetSelectors: [{ group: named.group, kind: named.kind, matchLabels: { team: 'a' } }],
    }),
    words: 'exactly one of the fields in [targetRefs targetSelectors] must be set',
    source: 'policy',
  },
  {
    name: 'targets-of-two-kinds',
    that: 'A policy whose targets are of two kinds',
    sound: agentgatewayPolicy('policy', [route, httpRoute('other')], timeouts),
    contradicting: agentgatewayPolicy('policy', [route, edge], timeouts),
    words: 'Only one Kind of targetRef can be set on one policy',
    source: 'policy',
  },
  {
    name: 'traffic-of-a-service',
    that: 'A policy of traffic that targets a Service',
    sound: agentgatewayPolicy('policy', [service], tls),
    contradicting: agentgatewayPolicy('policy', [service], timeouts),
    words: "the 'traffic' field can only target a Gateway, XListenerSet, or HTTPRoute",
    source: 'policy',
  },
  {
    name: 'frontend-of-a-route',
    that: 'A policy of the listener that targets a route',
    sound: agentgatewayPolicy('policy', [edge], { frontend: { http: { http1MaxHeaders: 10 } } }),
    contradicting: agentgatewayPolicy('policy', [route], { frontend: { http: { http1MaxHeaders: 10 } } }),
    words: "the 'frontend' field can only target a Gateway",
    source: 'policy',
  },
  {
    name: 'early-on-a-route',
    that: 'A policy before routing that targets a route',
    sound: agentgatewayPolicy('policy', [edge], { traffic: { phase: 'PreRouting', extProc: { backendRef: { name: 'app', port: 80 } } } }),
    contradicting: agentgatewayPolicy('policy', [route], {
      traffic: { phase: 'PreRouting', extProc: { backendRef: { name: 'app', port: 80 } } },
    }),
    words: "the 'traffic.phase=PreRouting' field can only target a Gateway or XListenerSet",
    source: 'policy',
  },
  {
    name: 'early-authorization',
    that: 'A policy before routing that authorizes by expressions',
    sound: agentgatewayPolicy('policy', [edge], { traffic: { authorization: { policy: { matchExpressions: ['true'] } } } }),
    contradicting: agentgatewayPolicy('policy', [edge], {
      traffic: { phase: 'PreRouting', authorization: { policy: { matchExpressions: ['true'] } } },
    }),
    words: 'phase PreRouting only supports extAuth, transformation, and extProc',
    source: 'policy',
  },
  {
    name: 'cache-too-short',
    that: 'A policy whose keys would be fetched every minute',
    sound: jwt('5m'),
    contradicting: jwt('1m'),
    words: 'cacheDuration must be at least 5m',
    source: 'policy',
  },
  {
    name: 'two-destinations',
    that: 'A backend with two destinations',
    sound: agentgatewayBackend('backend', { static: { host: 'app.test', port: 80 } }),
    contradicting: agentgatewayBackend('backend', { static: { host: 'app.test', port: 80 }, dynamicForwardProxy: {} }),
    words: 'exactly one of the fields in [ai static dynamicForwardProxy mcp] must be set',
    source: 'backend',
  },
  {
    name: 'host-without-port',
    that: 'A provider of models with a host and no port',
    sound: llm({ host: 'llm.test', port: 80 }),
    contradicting: llm({ host: 'llm.test' }),
    words: 'both host and port must be set together',
    source: 'backend',
  },
  {
    name: 'two-providers',
    that: 'A backend with two providers of models in one place',
    sound: llm({}),
    contradicting: llm({ anthropic: {} }),
    words: 'exactly one of the fields in [openai azureopenai anthropic gemini vertexai bedrock] must be set',
    source: 'backend',
  },
];

export default rows.map(admission);

function admission({ name, that, sound, contradicting, words, source }: Row): Check {
  return defineCheck({
    id: `agw-admission-${name}`,
    title: `${that} is refused at once`,
    feature: 'validation.admission',
    priority: 'P1',
    specification: [kgatewaySource(`api/v1alpha1/agentgateway/agentgateway_${source}_types.go`)],
    requires: [],
    sabotages: [{ name: 'contradiction-left-out', title: 'The object does not contradict itself', breaks: refused }],
    async run({ expect, kube, namespace, sabotaged }) {
      const placed = { ...sound, metadata: { ...sound.metadata, namespace } };
      await expect.now(accepted, async () => {
        await kube.apply(placed, { dryRun: true });
      });
      await expect.now(refused, () => notAdmitted({ kube, namespace }, sabotaged('contradiction-left-out') ? sound : contradicting, words));
    },
  });
}

function jwt(cacheDuration: string): Resource {
  const jwks = { remote: { jwksPath: 'jwks.json', cacheDuration, backendRef: { name: 'keys', port: 80 } } };
  return agentgatewayPolicy('policy', [route], {
    traffic: { jwtAuthentication: { providers: [{ issuer: 'https://issuer.test', jwks }] } },
  });
}
