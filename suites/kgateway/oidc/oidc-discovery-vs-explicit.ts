// SPDX-License-Identifier: Apache-2.0
import { Browser, redirectOf, type Visit } from '../../../fixtures/browser/browser.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { discoveryHost, xdsSecret } from '../../../fixtures/targets/kgateway/installations.ts';
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, header, holds, same } from '../../../harness/check/matchers.ts';
import { endpointsFor, servicePort, serviceFor } from '../../../mocks/peers.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource, openId } from '../../specification.ts';

const discovered = 'with an issuer alone, browsers are sent to the endpoint that the issuer’s own description names';
const asked = 'the controller asks the issuer at the well-known path, and says who it is';
const explicit = 'with all three endpoints said, browsers are sent to the one that is said, and the issuer is not asked';
const partly = 'with two endpoints said, the issuer is asked for the third';
const failing = 'while an issuer goes on failing, the route answers with an error, after several attempts';
const unknown = 'an issuer that has no description is not asked again and again, and the route answers with an error';

const said = 'https://said.gauntlet.test';

export default defineCheck({
  id: 'oidc-discovery-vs-explicit',
  title: 'Endpoints that are not said are found at the issuer, and only those',
  feature: 'authentication.oidc',
  priority: 'P1',
  installation: 'xds-tls',
  specification: [
    openId('OpenID Connect Discovery', 'openid-connect-discovery-1_0.html#ProviderConfig'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/oidc.go'),
  ],
  requires: ['secureGateway', 'echo', 'otherEcho', 'policies'],
  // The issuer has one name for all.
  serial: true,
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: discovered },
    { name: 'asked-nevertheless', title: 'The endpoint to log out is not said', breaks: explicit },
    { name: 'everything-said', title: 'The third endpoint is said as well', breaks: partly },
  ],
  async run(context) {
    const { apply, expect, hostname, kube, probe, sabotaged, secureGateway, echo, otherEcho: issuer, policies } = context;
    const certificates = await kube.get({ apiVersion: 'v1', kind: 'Secret', ...xdsSecret });
    const { data = {} } = certificates as unknown as { readonly data?: Readonly<Record<string, string>> };
    const pem = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString();
    await issuer.serveTls({ certificate: pem('issuer.crt'), key: pem('issuer.key') });
    const [name = '', namespace = ''] = discoveryHost.split('.');
    // The instance of the peer under the name that the certificate has; the controller asks by way of DNS.
    const service = { ...serviceFor({ name }, namespace), metadata: { name, namespace } };
    await apply(endpointsFor({ name }, namespace, issuer.endpoint), service);

    /** What was found is remembered for minutes, by the issuer's address: no two executions may share one. */
    const issuerAt = (label: string): string => `https://${discoveryHost}:${servicePort}/${label}.${hostname()}`;
    const description = (path: string) => ({
      body: JSON.stringify({
        issuer: issuerAt(path),
        authorization_endpoint: `https://found.gauntlet.test/${path}/auth`,
        token_endpoint: `https://found.gauntlet.test/${path}/token`,
        end_session_endpoint: `https://found.gauntlet.test/${path}/end`,
      }),
      headers: { 'content-type': 'application/json' },
    });
    const questions = async (path: string) => (await issuer.arrivals()).filter((one) => one.path.startsWith(`/${path}.${hostname()}/`));

    /** A route of its own whose policy names an issuer of its own. */
    const protect = async (label: string, endpoints: policy.OidcIntent['endpoints'] = {}) => {
      const host = hostname(label);
      const route = httpRoute(label).on(secureGateway).host(host).rule({ to: echo.service });
      const client = { id: 'gauntlet', secret: 'secret' };
      await policies.apply(policy.oidc({ server: issuer.service, issuer: issuerAt(label), endpoints, client }), route, label);
      await apply(route);
      const visit = (path = '/'): Promise<Visit> =>
        new Browser(probe, { [host]: secureGateway.endpoint() }).visit(`https://${host}${path}`);
      return {
        sentTo: async (address: string, path = '/') => {
          const seen = await visit(path);
          await denied(seen.exchange, { status: 302, before: echo });
          const to = redirectOf(seen);
          same('address', `${to?.origin ?? ''}${to?.pathname ?? ''}`, address);
        },
        closed: async () => denied((await visit()).exchange, { ...policies.outcomes.brokenPolicy.answer, before: echo }),
      };
    };

    await issuer.program(description('alone'));
    const alone = await protect('alone');
    await expect.eventually(discovered, () => alone.sentTo('https://found.gauntlet.test/alone/auth'));
    await expect.now(asked, async () => {
      const [question] = await questions('alone');
      holds(question !== undefined, 'a question', 'none');
      same('path', question.path, `/alone.${hostname()}/.well-known/openid-configuration`);
      header(question, 'user-agent', 'kgateway/oidc-discovery');
    });

    await issuer.program(description('all'));
    const endpoints = { authorization: `${said}/auth`, token: `${said}/token` };
    const all = await protect('all', sabotaged('asked-nevertheless') ? endpoints : { ...endpoints, endSession: `${said}/end` });
    await expect.eventually(explicit, async () => {
      await all.sentTo(`${said}/auth`);
      same('questions', (await questions('all')).length, 0);
    });

    await issuer.program(description('partly'));
    const some = await protect('partly', sabotaged('everything-said') ? { ...endpoints, endSession: `${said}/end` } : endpoints);
    await expect.eventually(partly, async () => {
      await some.sentTo(`${said}/auth`);
      holds((await questions('partly')).length > 0, 'a question', 'none');
    });

    await issuer.program({ status: 503 });
    const down = await protect('failing');
    await expect.eventually(failing, async () => {
      await down.closed();
      holds((await questions('failing')).length >= 5, 'at least 5 questions', `${(await questions('failing')).length}`);
    });

    await issuer.program({ status: 404 });
    const nowhere = await protect('unknown');
    await expect.eventually(unknown, async () => {
      await nowhere.closed();
      const count = (await questions('unknown')).length;
      holds(count > 0 && count < 5, 'less than 5 questions', String(count));
    });
  },
});
