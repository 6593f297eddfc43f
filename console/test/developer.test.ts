import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endOf } from '../src/screens/account/end.ts';
import { asCurl, asSdk, operationOf, operationsOf } from '../src/screens/developer/snippets.ts';

const operations = operationsOf({
  paths: {
    '/api/channels': { get: { operationId: 'listChannels' } },
    '/api/channels/{id}': { parameters: [], get: { operationId: 'getChannel' }, patch: { operationId: 'updateChannel' } },
    '/api/channels/connect': { post: { operationId: 'connectChannel' }, get: { operationId: 'startConnect' } },
  },
});
const call = { id: 1, at: 0, method: 'PATCH', path: '/api/channels/7', body: '{"banned_topics":["it\'s"]}', ifMatch: '"v3"' };

test('a call is told as curl, with what a shell would read quoted', () => {
  assert.equal(
    asCurl(call, 'https://app.example.com'),
    `curl -X PATCH 'https://app.example.com/api/channels/7' \\
  -H "authorization: Bearer $TOKEN" \\
  -H 'if-match: "v3"' \\
  -H 'content-type: application/json' \\
  -d '{"banned_topics":["it'\\''s"]}'`,
  );
});

test('a call is told in the words of the SDK', () => {
  assert.equal(
    asSdk({ ...call, body: '{"minimum_gap_minutes":90}' }, operations),
    `const { data } = await api.updateChannel({
  path: {
    id: "7"
  },
  headers: {
    "If-Match": "\\"v3\\""
  },
  body: {
    minimum_gap_minutes: 90
  }
});`,
  );
  assert.equal(asSdk({ id: 2, at: 0, method: 'GET', path: '/api/channels' }, operations), 'const { data } = await api.listChannels();');
  assert.equal(asSdk({ id: 3, at: 0, method: 'GET', path: '/api/elsewhere' }, operations), undefined);
});

test('an address that is written out comes before one with a placeholder', () => {
  assert.equal(operationOf(operations, 'GET', '/api/channels/connect')?.operation.id, 'startConnect');
});

test('an export without its last line was cut off', () => {
  assert.deepEqual(endOf('{"export":{}}\n{"end":{"complete":true,"rows":2}}\n'), { complete: true, rows: 2 });
  assert.throws(() => endOf('{"export":{}}\n'), /cut off/);
});
