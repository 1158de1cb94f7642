// SPDX-License-Identifier: Apache-2.0
import type { Check, Sabotage } from '../../harness/check/check.ts';
import { holds } from '../../harness/check/matchers.ts';
import { timeHandshakes } from '../../harness/bench/drivers/openssl-s-time.ts';
import { loadWithSockets, type SocketLoadResult } from '../../harness/bench/drivers/socket-load.ts';
import { disagreement, generatorBound } from '../../harness/bench/generator-bound.ts';
import type { Measurement } from '../../harness/bench/measurement.ts';
import { ratioToNone, type OverheadWindow } from '../../harness/bench/overhead.ts';
import { defineScenario } from '../define-scenario.ts';
import { groupOfProxy, processorsOfStage } from '../load-stage.ts';
import { programIn } from '../throughput/protocols.ts';
import { throughputStage } from '../throughput/throughput-stage.ts';
import type { HandshakeKind } from './kinds.ts';

const answered = 'every connection is opened and its request answered rightly';
const asked = 'a client that shows no certificate is refused';

const path = '/0k';
const connectionCounts = [1, 16] as const;
const [warmUpSeconds, windowSeconds] = [1, 3] as const;
/** Of six ratios there is an interval of 95 %. */
const pairs = 6;
const pairSeconds = 1;
/** A session may end with the time that the server gave it, or with a key that it no longer has. */
const fewestResumed = 0.99;

/** Connections, each with a handshake, through the gateway and without it. */
interface Played {
  readonly connections: number;
  readonly through: SocketLoadResult;
  readonly direct: SocketLoadResult;
  /** Processor time of the proxy meanwhile, in seconds. */
  readonly proxyCpu: number;
}

/** Scenario 9 of the performance anchors, with goal G12: one for each kind of handshake. */
export function tlsHandshakes({ id, title, resumes, isMutual, otherwise }: HandshakeKind): Check {
  const ofKind = resumes ? 'the server takes up every session that it is offered' : 'every handshake is a whole one';
  const sabotages: readonly [Sabotage, ...Sabotage[]] = [
    { name: 'broken', title: 'Half of the requests go to a backend that is not there', breaks: answered },
    { name: 'other-kind', title: otherwise, breaks: ofKind },
    ...(isMutual ? [{ name: 'certificate-not-asked', title: 'The listener asks for no client certificate', breaks: asked }] : []),
  ];
  return defineScenario({
    id: `tls-handshakes-${id}`,
    title: `The gateway takes as many TLS connections ${title} as it can, and serves all of them`,
    feature: isMutual ? 'mtls.frontend' : 'routing.http',
    specification: [
      { title: 'RFC 8446 2.2, resumption', url: 'https://www.rfc-editor.org/rfc/rfc8446#section-2.2' },
      { title: 'openssl s_time', url: 'https://docs.openssl.org/3.0/man1/openssl-s_time/' },
    ],
    serial: true,
    requires: ['gateways', 'proxies'],
    sabotages,
    async run(context) {
      const { expect, proxies, sabotaged, signal, tellMeasured, tools } = context;
      const isBroken = sabotaged('broken');
      const shape = { listener: isMutual ? 'mutual-tls' : 'tls', backend: 'http' } as const;
      const asksNobody = isMutual && sabotaged('certificate-not-asked');
      const stage = await throughputStage(context, shape, { isBroken, asksNobody });
      await expect.eventually('the route serves', stage.serves, isBroken ? { streak: 1 } : {});
      if (isMutual) await expect.eventually(asked, stage.refusesStrangers);
      const on = processorsOfStage();
      const proxy = await groupOfProxy(proxies, stage.live);
      await proxy.pin(on.proxy);
      await stage.servers.pin(on.others);

      const program = programIn(tools.toolDirectories);
      const { host, identity } = stage;
      const isOther = sabotaged('other-kind');
      const tls = { resumes: resumes !== isOther, ...(isMutual && identity !== undefined ? { identity } : {}) };
      const through = { endpoint: stage.live.endpoint(), host, path, processors: on.others, tls };
      const direct = { ...through, endpoint: stage.direct, processors: on.proxy };
      const shake = (target: typeof through, connections: number, seconds: number): Promise<SocketLoadResult> =>
        loadWithSockets(program('python', 'python3'), { ...target, work: 'handshakes', bytes: 0, connections, seconds }, signal);
      const play = async (connections: number): Promise<Played> => {
        const before = await proxy.cpuSeconds();
        const result = await shake(through, connections, windowSeconds);
        const proxyCpu = (await proxy.cpuSeconds()) - before;
        return { connections, through: result, direct: await shake(direct, connections, windowSeconds), proxyCpu };
      };

      await shake(through, 1, warmUpSeconds);
      let doubt: string | undefined;
      if (!isBroken && !isOther) {
        const windows: OverheadWindow[] = [await timed()];
        for (let count = 0; count < pairs; count += 1) {
          const { served, seconds } = await shake(through, 1, pairSeconds);
          windows.push({ policy: 'own', rate: served === 0 ? null : served / seconds, cpuPerRequest: null }, await timed());
        }
        const ratio = ratioToNone(windows, 'own', 'rate');
        doubt = disagreement(ratio, 'openssl s_time');
        tellMeasured(...beside(windows, ratio));
      }
      const played: Played[] = [];
      for (const connections of isBroken || isOther ? connectionCounts.slice(-1) : connectionCounts) {
        const one = await play(connections);
        played.push(one);
        tellMeasured(...measurementsOf(one, doubt));
      }
      const total = (field: 'served' | 'failed' | 'resumed'): number => played.reduce((sum, one) => sum + one.through[field], 0);
      const [served, failed, resumed] = [total('served'), total('failed'), total('resumed')];
      await expect.now(answered, () => {
        const reasons = Object.entries(Object.assign({}, ...played.map((one) => one.through.reasons)) as Record<string, number>);
        holds(failed === 0, `all ${served + failed}`, `${failed} were not: ${reasons.map(([reason]) => reason).join('; ')}`);
      });
      await expect.now(ofKind, () =>
        holds(
          resumes ? resumed >= fewestResumed * served : resumed === 0,
          `${resumes ? 'all' : 'none'} of ${served} resumed`,
          `${resumed} were resumed`,
        ),
      );

      async function timed(): Promise<OverheadWindow> {
        const { connections, seconds } = await timeHandshakes(program('openssl'), { ...through, seconds: pairSeconds }, signal);
        return { rate: connections / seconds, cpuPerRequest: null };
      }
    },
  });
}

/** What the driver makes of the same listener as `openssl s_time`, window by window. */
function beside(windows: readonly OverheadWindow[], ratio: ReturnType<typeof ratioToNone>): readonly Measurement[] {
  const cell = '1 connection, in turn with openssl s_time';
  const mean = (own: readonly OverheadWindow[]): number | null => {
    const rates = own.flatMap(({ rate }) => rate ?? []);
    return rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  };
  return [
    { cell, metric: 'handshakes', unit: 'per second', value: mean(windows.filter(({ policy }) => policy !== undefined)) },
    { cell, metric: 'openssl s_time', unit: 'per second', value: mean(windows.filter(({ policy }) => policy === undefined)) },
    { cell, metric: 'to openssl s_time', unit: 'share', value: ratio?.value ?? null },
    { cell, metric: 'to openssl s_time, from (95 %)', unit: 'share', value: ratio?.low ?? null },
    { cell, metric: 'to openssl s_time, to (95 %)', unit: 'share', value: ratio?.high ?? null },
  ];
}

function measurementsOf({ connections, through, direct, proxyCpu }: Played, doubt: string | undefined): readonly Measurement[] {
  const cell = connections === 1 ? '1 connection at a time' : `${connections} connections at a time`;
  const busy = proxyCpu / through.seconds;
  const [rate, directRate] = [through, direct].map(({ served, seconds }) => served / seconds) as [number, number];
  const bound = generatorBound({
    rate,
    // The backend makes handshakes only where it is asked directly, so what it then comes to limits nothing here.
    directRate: Infinity,
    driverBusy: through.cpuSeconds / through.seconds,
    proxyBusy: busy,
    proxyProcessors: 1,
  });
  const reason = bound ?? doubt;
  const invalid = reason === undefined ? {} : { invalid: reason };
  const share = ({ resumed, served }: SocketLoadResult): number | null => (served === 0 ? null : resumed / served);
  const at = ({ latency }: SocketLoadResult, percentile: number): number | null =>
    latency.totalCount === 0 ? null : latency.getValueAtPercentile(percentile) / 1000;
  return [
    { cell, metric: 'handshakes', unit: 'per second', value: rate, direct: directRate, ...invalid },
    { cell, metric: 'resumed', unit: 'share', value: share(through), direct: share(direct) },
    ...[50, 99].map((percentile): Measurement => ({
      cell,
      metric: `p${percentile}`,
      unit: 'ms',
      value: at(through, percentile),
      direct: at(direct, percentile),
      ...invalid,
    })),
    {
      cell,
      metric: 'processor time per handshake',
      unit: 'ms',
      value: through.served === 0 ? null : (1000 * proxyCpu) / (through.served + through.failed),
    },
    { cell, metric: 'proxy busy', unit: 'share', value: busy },
    { cell, metric: 'not answered rightly', unit: 'count', value: through.failed, direct: direct.failed },
  ];
}
