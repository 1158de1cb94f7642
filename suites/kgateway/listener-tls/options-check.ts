// SPDX-License-Identifier: Apache-2.0
import type { Check, Sabotage } from '../../../harness/check/check.ts';
import { condition } from '../../../harness/check/conditions.ts';
import { reached, refused, same } from '../../../harness/check/matchers.ts';
import type { NegotiatedTls, ProbeRequest, ProbeTls } from '../../../harness/probe/exchange.ts';
import { certificateAuthority } from '../../../fixtures/certificates/authority.ts';
import { tlsSecret } from '../../../fixtures/core/core.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, gatewayApi, kgatewaySource } from '../../specification.ts';

type Options = Readonly<Record<string, string>>;

/** One listener, and what clients must be able to agree on with it, or not. */
interface OptionListener {
  readonly options: Options;
  readonly speaks?: readonly (Client & { readonly protocol?: ProbeRequest['protocol']; readonly agreesOn?: Agreement })[];
  readonly refuses?: readonly Client[];
  /** The options are not ones that a listener can have: it stays closed and says so. */
  readonly isClosed?: boolean;
}

/** A client. */
interface Client {
  /** What it offers, in words. */
  readonly offering: string;
  readonly tls: ProbeTls;
}

type Agreement = { readonly [Part in 'protocol' | 'cipher' | 'curve' | 'alpn']?: NegotiatedTls[Part] | 'nothing' };

/** One check of listeners by their TLS options. */
export interface OptionsRow {
  readonly id: string;
  readonly title: string;
  readonly priority: 'P0' | 'P1';
  readonly listeners: Readonly<Record<string, OptionListener>>;
  /** At least one. */
  readonly sabotages: readonly Fault[];
}

/** What is wrong under a sabotage: the named listener has these options instead. */
export interface Fault {
  readonly name: string;
  readonly title: string;
  readonly listener: string;
  readonly options: Options;
  readonly breaks: string;
}

/** The name of an option. */
export const key = (option: string): string => `kgateway.dev/${option}`;
/** Names of the expectations of a listener. */
export const serves = (offering: string, listener: string): string => `a client that offers ${offering} is served by ${listener}`;
/** See {@link serves}. */
export const refuses = (offering: string, listener: string): string => `a client that offers ${offering} is refused by ${listener}`;
/** See {@link serves}. */
export const staysClosed = (listener: string): string => `${listener} stays closed`;

const firstPort = 8443;

/** Makes a check of a row. */
export function optionsCheck({ id, title, priority, listeners, sabotages }: OptionsRow): Check {
  const faults = sabotages.map(({ name, title: what, breaks }) => ({ name, title: what, breaks }));
  return defineCheck({
    id,
    title,
    feature: id === 'tlsopt-hash-bad' ? 'tls.certificate-pinning' : 'tls.listener-options',
    priority,
    specification: [
      gatewayApi('ListenerTLSConfig', 'gateway_types.go'),
      kgatewaySource('pkg/kgateway/translator/sslutils/ssl_utils.go'),
      envoyDocs('TLS: TlsParameters', 'api-v3/extensions/transport_sockets/tls/v3/common.proto'),
    ],
    requires: ['gateways', 'echo'],
    sabotages: faults as [Sabotage, ...Sabotage[]],
    async run({ apply, budgets, expect, hostname, kube, namespace, sabotaged, gateways, echo }) {
      const host = hostname();
      const authority = await certificateAuthority('servers');
      await apply(tlsSecret('server', await authority.issue({ name: host, usage: 'server' })));
      const optionsOf = (name: string): Options =>
        sabotages.find((fault) => fault.listener === name && sabotaged(fault.name))?.options ?? listeners[name]?.options ?? {};
      const own = await gateways.own(
        Object.keys(listeners).reduce(
          (built, name, index) =>
            built.listener({ name, port: firstPort + index, protocol: 'HTTPS', certificates: ['server'], options: optionsOf(name) }),
          gateway('tls').listener({ name: 'http', port: 8080, protocol: 'HTTP' }),
        ),
      );
      await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
      const send = (listener: string, tls: ProbeTls, protocol?: ProbeRequest['protocol']) =>
        own.send({ host, freshConnection: true, tls: { ca: authority.certificate, ...tls }, ...(protocol && { protocol }) }, listener);

      await expect.eventually('the listener without TLS serves the same Gateway', async () => {
        await reached(await own.get('/', { host }, 'http'), echo);
      });
      for (const [name, { speaks = [], refuses: refused_ = [], isClosed = false }] of Object.entries(listeners)) {
        for (const { offering, tls, protocol, agreesOn = {} } of speaks) {
          await expect.eventually(serves(offering, name), async () => {
            const exchange = await send(name, tls, protocol);
            await reached(exchange, echo);
            for (const [part, value] of Object.entries(agreesOn)) {
              same(part, exchange.tls?.[part as keyof Agreement] ?? 'nothing', value);
            }
          });
        }
        for (const { offering, tls } of refused_) {
          await expect.eventually(refuses(offering, name), async () => refused(await send(name, tls), { layers: ['tls'], before: echo }));
        }
        if (!isClosed) continue;
        await expect.eventually(staysClosed(name), async () => refused(await send(name, {}), { layers: ['connect'], before: echo }));
        await expect.eventually(
          `${name} says that it is not programmed`,
          async () => {
            const seen = await kube.get(referenceTo(own.resource, namespace));
            condition(seen, 'Programmed', { of: `listener ${name}`, status: 'False', reason: 'Invalid' });
            condition(seen, 'ResolvedRefs', { of: `listener ${name}`, status: 'False', reason: 'InvalidCertificateRef' });
          },
          { within: budgets.status, streak: 1 },
        );
      }
    },
  });
}
