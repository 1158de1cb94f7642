// SPDX-License-Identifier: Apache-2.0
import { absent, body, denied, header, reached, same, status } from '../../../harness/check/matchers.ts';
import { described, transformationCheck, type TransformationRow } from './transformation-check.ts';

const rows: readonly TransformationRow[] = [
  {
    id: 'xf-headers',
    title: 'Headers of requests and responses are set and removed by templates',
    priority: 'P0',
    transformation: {
      request: {
        set: [
          { name: 'x-copied', value: '{{ request_header("X-Source") }}' },
          { name: 'x-twice', value: 'once' },
          { name: 'x-empty', value: '{{ header("x-not-there") }}' },
          { name: 'x-no-value' },
        ],
        remove: ['x-remove'],
      },
      response: { set: [{ name: 'x-foo-response', value: 'was {{ request_header("x-source") }}, {{ header(":status") }}' }] },
    },
    cases: [
      {
        name: 'the backend sees what the templates make of the request',
        request: {
          headers: { 'x-source': 'here', 'x-twice': ['a', 'b'], 'x-empty': 'a', 'x-no-value': 'a', 'x-remove': 'a', 'x-untouched': 'a' },
        },
        holds: async (exchange, echo) => {
          const arrival = await reached(exchange, echo);
          header(arrival, 'x-copied', 'here');
          header(arrival, 'x-twice', 'once');
          header(arrival, 'x-empty', absent);
          header(arrival, 'x-no-value', absent);
          header(arrival, 'x-remove', absent);
          header(arrival, 'x-untouched', 'a');
        },
      },
      {
        name: 'the client sees what the templates make of the response',
        request: { headers: { 'x-source': 'here' } },
        holds: (exchange) => header(exchange, 'x-foo-response', 'was here, 200'),
      },
    ],
    sabotages: [
      {
        name: 'header-forwarded',
        title: 'The header that is to be removed is forwarded',
        breaks: 'the backend sees what the templates make of the request',
        transformation: { request: { set: [{ name: 'x-copied', value: '{{ request_header("X-Source") }}' }] } },
      },
    ],
  },
  {
    id: 'xf-json-body',
    title: 'A JSON body is read by templates and rebuilt with its right length',
    priority: 'P0',
    transformation: {
      request: {
        set: [{ name: 'x-inner', value: '{{ mykey.myinnerkey }}' }],
        body: { parseAs: 'AsJson', value: '{"wrapped":"{{ mykey.myinnerkey }} and a long tail"}' },
      },
    },
    cases: [
      {
        name: 'the backend gets the rebuilt body, its length, and the value as a header',
        request: { method: 'POST', body: '{"mykey":{"myinnerkey":"value"}}', headers: { 'content-type': 'application/json' } },
        holds: async (exchange, echo) => {
          const arrival = await reached(exchange, echo);
          const seen = described(exchange);
          header(arrival, 'x-inner', 'value');
          same('body at the backend', seen.body, '{"wrapped":"value and a long tail"}');
          header(arrival, 'content-length', String(seen.body.length));
        },
      },
    ],
  },
  {
    id: 'xf-not-json',
    title: 'A body that is no JSON is refused where the template reads JSON',
    priority: 'P0',
    transformation: { request: { set: [{ name: 'x-inner', value: '{{ mykey }}' }], body: { parseAs: 'AsJson' } } },
    cases: [
      {
        name: 'a body that is no JSON is refused before the backend sees it',
        request: { method: 'POST', body: 'hello' },
        holds: async (exchange, echo) => denied(exchange, { status: 400, body: '', before: echo }),
      },
      {
        name: 'a JSON body passes',
        request: { method: 'POST', body: '{"mykey":"value"}' },
        holds: async (exchange, echo) => header(await reached(exchange, echo), 'x-inner', 'value'),
      },
    ],
  },
  {
    id: 'xf-undeclared-var',
    title: 'A template with a variable that nothing declares refuses instead of leaking',
    transformation: { response: { set: [{ name: 'x-inner', value: '{{ mykey }}' }] } },
    cases: [
      {
        name: 'the answer of the backend is replaced by an error without its body',
        request: {},
        backend: { body: 'secret of the backend' },
        holds: (exchange) => {
          status(exchange, 400);
          body(exchange, '');
        },
      },
    ],
  },
  {
    id: 'xf-pseudo',
    title: 'Pseudo headers are set by templates',
    transformation: {
      request: { set: [{ name: ':method', value: 'POST' }] },
      response: { set: [{ name: ':status', value: '{% if request_header("foo") == "bar" %}201{% else %}202{% endif %}' }] },
    },
    cases: [
      {
        name: 'the backend sees the method that the template sets, and the client the status',
        request: { headers: { foo: 'bar' } },
        holds: async (exchange, echo) => {
          const arrival = await reached(exchange, echo, { status: 201 });
          same('method', arrival.method, 'POST');
        },
      },
      {
        name: 'the status depends on the request',
        request: {},
        holds: async (exchange, echo) => {
          await reached(exchange, echo, { status: 202 });
        },
      },
    ],
  },
  {
    id: 'xf-whitespace-random',
    title: 'Values lose trailing white space, and each random replacement differs',
    transformation: {
      request: {
        set: [
          { name: 'x-space', value: 'foobar ' },
          { name: 'x-random', value: '{{ replace_with_random("abc", "a") }}|{{ replace_with_random("abc", "a") }}' },
        ],
      },
    },
    cases: [
      {
        name: 'white space is trimmed and two replacements differ',
        request: {},
        holds: async (exchange, echo) => {
          const arrival = await reached(exchange, echo);
          header(arrival, 'x-space', 'foobar');
          header(arrival, 'x-random', /^([A-Za-z0-9+/]+)bc\|(?!\1)[A-Za-z0-9+/]+bc$/);
        },
      },
    ],
  },
  {
    id: 'xf-env-exposure',
    title: "A template reads the proxy's environment, and nothing that is not set",
    transformation: {
      request: {
        set: [
          { name: 'x-pod', value: '{{ env("POD_NAMESPACE") }}' },
          { name: 'x-nothing', value: '{{ env("GAUNTLET_NOT_SET") }}' },
        ],
      },
    },
    cases: [
      {
        name: 'the value of the environment reaches the backend',
        request: { headers: { 'x-nothing': 'made up' } },
        holds: async (exchange, echo) => {
          const arrival = await reached(exchange, echo);
          header(arrival, 'x-pod', /^gauntlet-/);
          header(arrival, 'x-nothing', absent);
        },
      },
    ],
  },
  {
    id: 'xf-name-collision',
    title: 'A field of the body that is called like a function takes the function away, and puts nothing in its place',
    transformation: {
      request: {
        set: [
          { name: 'x-pod', value: '{{ env("POD_NAMESPACE") }}' },
          { name: 'x-read', value: '{{ mykey }}' },
        ],
        body: { parseAs: 'AsJson' },
      },
    },
    cases: [
      {
        name: 'without the field the function gives its value',
        request: { method: 'POST', body: '{"mykey":"value"}' },
        holds: async (exchange, echo) => header(await reached(exchange, echo), 'x-pod', /^gauntlet-/),
      },
      {
        name: 'with the field the header is gone, also one of the client, and the request goes on',
        request: { method: 'POST', body: '{"mykey":"value","env":"mallory"}', headers: { 'x-pod': 'mallory' } },
        holds: async (exchange, echo) => {
          const arrival = await reached(exchange, echo);
          header(arrival, 'x-pod', absent);
          header(arrival, 'x-read', 'value');
        },
      },
    ],
  },
  {
    id: 'xf-local-reply',
    title: "Answers of the proxy's own are transformed like those of backends",
    transformation: { response: { body: { parseAs: 'AsString', value: 'transformed: {{ body() }}' } } },
    cases: [
      {
        name: 'the answer of a backend is transformed',
        request: {},
        backend: { body: 'plain' },
        holds: (exchange) => body(exchange, 'transformed: plain'),
      },
      {
        name: 'the answer that the proxy gives for a backend that refuses is transformed',
        request: {},
        fault: 'refuse',
        holds: (exchange) => {
          status(exchange, 503);
          body(exchange, /^transformed: upstream connect error/);
        },
      },
    ],
  },
];

export default rows.map(transformationCheck);
