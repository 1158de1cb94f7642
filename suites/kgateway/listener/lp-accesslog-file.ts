// SPDX-License-Identifier: Apache-2.0
import pWaitFor from 'p-wait-for';
import { holds, status } from '../../../harness/check/matchers.ts';
import type { Exchange } from '../../../harness/probe/exchange.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { listenerPolicy } from '../../../fixtures/kgateway/listener-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const written = 'every request is written to the file, as JSON with the fields of the format';
const filtered = 'each filter lets through the requests that it says, and no others';

/** What is sent, and the logs whose filters it passes. */
const requests = [
  { path: '/found', headers: {}, logs: ['all'] },
  { path: '/found', headers: { 'x-log': 'yes' }, logs: ['all', 'header', 'or'] },
  { path: '/found', headers: { 'x-log': 'cel' }, logs: ['all', 'cel'] },
  { path: '/nowhere', headers: {}, logs: ['all', 'errors', 'or'] },
  { path: '/nowhere', headers: { 'x-log': 'yes' }, logs: ['all', 'errors', 'header', 'and', 'or'] },
] as const;

const anError = { statusCodeFilter: { op: 'GE', value: 400 } } as const;
const hasHeader = { headerFilter: { header: { name: 'x-log', value: 'yes' } } } as const;
const filters = {
  all: undefined,
  errors: anError,
  header: hasHeader,
  cel: { celFilter: { match: "request.headers['x-log'] == 'cel'" } },
  and: { andFilter: [anError, hasHeader] },
  or: { orFilter: [anError, hasHeader] },
} as const;

/** Envoy holds back what goes into a file until it is 64 KiB or ten seconds old. These lines are long. */
const padding = {
  fileSink: { path: '/dev/stdout', jsonFormat: { log: 'padding', id: '%REQ(X-GAUNTLET-ID)%', padding: '%REQ(X-PADDING)%' } },
  filter: { headerFilter: { header: { name: 'x-padding', type: 'RegularExpression', value: '.+' } } },
} as const;

interface Line {
  readonly log: string;
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly protocol: string;
  readonly code: number;
}

export default defineCheck({
  id: 'lp-accesslog-file',
  title: 'Requests are logged to a file in the format given, filtered as the policy says',
  feature: 'observability.access-logs',
  specification: [
    envoyDocs('Access logging', 'configuration/observability/access_log/usage'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/listenerpolicy/access_logging_converter.go'),
  ],
  requires: ['gateways', 'proxies', 'echo'],
  sabotages: [
    { name: 'policy-left-out', title: 'There is no policy', breaks: written },
    { name: 'unfiltered', title: 'The log of errors has no filter', breaks: filtered },
    { name: 'or-for-and', title: 'One filter that should hold with another holds alone', breaks: filtered },
  ],
  async run({ apply, expect, hostname, sabotaged, budgets, gateways, proxies, echo }) {
    const host = hostname();
    const edge = gateway('logged').listener({ name: 'http', port: 8080, protocol: 'HTTP' });
    const filterOf = (log: string) => {
      if (log === 'errors' && sabotaged('unfiltered')) return undefined;
      if (log === 'and' && sabotaged('or-for-and')) return filters.or;
      return filters[log as keyof typeof filters];
    };
    const accessLog = Object.keys(filters).map((log) => {
      const filter = filterOf(log);
      return { fileSink: { path: '/dev/stdout', jsonFormat: formatOf(log) }, ...(filter === undefined ? {} : { filter }) };
    });
    if (!sabotaged('policy-left-out')) {
      await apply(listenerPolicy('logged', [edge], { default: { httpSettings: { accessLog: [...accessLog, padding] } } }));
    }
    const own = await gateways.own(edge);
    await apply(httpRoute('app').on(own).host(host).rule({ path: '/found', to: echo.service }));
    const send = async ({ path, headers }: { path: string; headers: Readonly<Record<string, string>> }): Promise<Exchange> => {
      const exchange = await own.get(path, { host, headers });
      status(exchange, path === '/found' ? 200 : 404);
      return exchange;
    };
    const linesOf = async ({ id }: Exchange): Promise<readonly Line[]> => {
      const pad = () => own.get('/nowhere', { host, headers: { 'x-padding': 'x'.repeat(40_000) } });
      // What comes before the first of them is written when its own line is; from there to the API takes a busy node a while.
      const last = await pad();
      await pad();
      let log = '';
      const isWritten = async () => (log = await proxies.log(own)).includes(last.id);
      await pWaitFor(isWritten, { timeout: { milliseconds: budgets.peer.ms, fallback: () => undefined } });
      const lines = log.split('\n').filter((line) => line.startsWith('{') && line.includes(id));
      return lines.map((line) => JSON.parse(line) as Line);
    };

    await expect.eventually(written, async () => {
      const exchange = await send({ path: '/found', headers: {} });
      const line = (await linesOf(exchange)).find(({ log }) => log === 'all');
      const expected: Line = { log: 'all', id: exchange.id, method: 'GET', path: '/found', protocol: 'HTTP/1.1', code: 200 };
      holds(
        line !== undefined && fieldsOf(line) === fieldsOf(expected),
        'its line in the log',
        line ? fieldsOf(line) : 'no line',
        exchange,
      );
    });

    await expect.eventually(filtered, async () => {
      for (const request of requests) {
        const exchange = await send(request);
        const logs = (await linesOf(exchange)).map(({ log }) => log).sort();
        const expected = [...request.logs].sort().join();
        holds(logs.join() === expected, `lines in ${expected}`, `lines in ${logs.join()}`, exchange);
      }
    });
  },
});

function formatOf(log: string): Record<string, unknown> {
  return {
    log,
    id: '%REQ(X-GAUNTLET-ID)%',
    method: '%REQ(:METHOD)%',
    path: '%REQ(:PATH)%',
    protocol: '%PROTOCOL%',
    code: '%RESPONSE_CODE%',
  };
}

const fieldsOf = ({ log, id, method, path, protocol, code }: Line): string => JSON.stringify([log, id, method, path, protocol, code]);
