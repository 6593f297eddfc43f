// What is sent again and what never is: the package against a server of this file.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, beforeEach, test } from 'node:test';
import { Catalyst, Problem } from '../dist/index.js';

let server;
let url;
let answers;
let seen;

const problem = (status, code, { retryable = false, ...headers } = {}) => ({
  status,
  headers: { 'content-type': 'application/problem+json', ...headers },
  body: JSON.stringify({ code, status, retryable, title: code, type: `/docs/errors#${code}`, request_id: 'r1' }),
});
const fine = (body = { items: [], next_cursor: null }) => ({ status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const CUT = { cut: true };

before(async () => {
  server = createServer((request, response) => {
    seen.push({ method: request.method, url: request.url, headers: request.headers });
    const answer = answers.shift() ?? fine();
    request.resume().on('end', () => {
      if (answer.cut) return request.socket.destroy();
      response.writeHead(answer.status, answer.headers);
      response.end(answer.body);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${server.address().port}`;
});
beforeEach(() => ((answers = []), (seen = [])));
after(() => server.close());

const api = (options) => new Catalyst({ url, ...options });
const render = { content_id: '0198c0de-0000-7000-8000-000000000001' };
const failure = (call) => call.then(() => assert.fail('it should have failed'), (error) => error);

test('a read is repeated when nothing or "later" is answered', async () => {
  answers = [CUT, problem(503, 'database_unavailable', { retryable: true })];
  await api().listVideos();
  assert.equal(seen.length, 3);
});

test('a read is repeated only so often, and the problem is the last answer', async () => {
  answers = Array.from({ length: 5 }, () => problem(503, 'database_unavailable', { retryable: true }));
  const error = await failure(api({ retries: 1 }).listVideos());
  assert.ok(error instanceof Problem);
  assert.deepEqual([error.code, error.status, error.requestId, seen.length], ['database_unavailable', 503, 'r1', 2]);
});

test('what will not get better is not repeated', async () => {
  answers = [problem(404, 'not_found')];
  assert.equal((await failure(api().listVideos())).code, 'not_found');
  assert.equal(seen.length, 1);
});

test('a request with a key is repeated under the same key', async () => {
  answers = [CUT, problem(409, 'request_in_progress', { retryable: true, 'retry-after': '0' })];
  await api().createRender({ body: render });
  const keys = new Set(seen.map(({ headers }) => headers['idempotency-key']));
  assert.deepEqual([seen.length, keys.size], [3, 1]);
  assert.match([...keys][0], /^[0-9a-f-]{36}$/);
});

test('the stored answer of a key is not asked for again', async () => {
  answers = [problem(502, 'generation_failed', { retryable: true })];
  await failure(api().generateContent({ path: { kind: 'ideas' }, body: { channel_id: render.content_id } }));
  assert.equal(seen.length, 1);
});

test('a change without a key is never sent again once it may have been done', async () => {
  for (const answer of [CUT, problem(503, 'database_unavailable', { retryable: true }), problem(504, 'deadline_exceeded', { retryable: true })]) {
    [answers, seen] = [[answer], []];
    await failure(api().updateMe({ body: { display_name: 'A' } }));
    assert.deepEqual(seen.map(({ headers }) => headers['idempotency-key']), [undefined]);
  }
});

test('what was refused before it began is sent again', async () => {
  answers = [problem(429, 'rate_limited', { retryable: true, 'retry-after': '0' })];
  await api().updateMe({ body: { display_name: 'A' } });
  assert.equal(seen.length, 2);
});

test('Retry-After is waited for, or handed on when it is too long', async () => {
  answers = [problem(429, 'rate_limited', { retryable: true, 'retry-after': '1' })];
  const began = Date.now();
  await api().listVideos();
  assert.ok(Date.now() - began >= 990, `${Date.now() - began} ms`);
  answers = [problem(429, 'quota_exhausted', { retryable: true, 'retry-after': '40000' })];
  const error = await failure(api().listVideos());
  assert.deepEqual([error.code, error.retryAfter], ['quota_exhausted', 40000]);
});

test('an expired token is renewed once', async () => {
  const asked = [];
  const token = (refused) => (asked.push(refused), refused ? 'new' : 'old');
  answers = [problem(401, 'token_expired')];
  await api({ token }).listVideos();
  assert.deepEqual(seen.map(({ headers }) => headers.authorization), ['Bearer old', 'Bearer new']);
  assert.deepEqual(asked, [false, true]);
  answers = [problem(401, 'token_expired'), problem(401, 'token_expired')];
  assert.equal((await failure(api({ token }).listVideos())).code, 'token_expired');
});

test('waiting ends when the caller gives up', async () => {
  answers = [problem(429, 'rate_limited', { retryable: true, 'retry-after': '15' })];
  const error = await failure(api().listVideos({ signal: AbortSignal.timeout(50) }));
  assert.equal(error.name, 'TimeoutError');
});

test('an answer that is no problem document is an unknown problem', async () => {
  answers = [{ status: 418, headers: { 'content-type': 'text/html' }, body: '<p>teapot</p>' }];
  const error = await failure(api().listVideos());
  assert.deepEqual([error.code, error.status, error.retryable], ['unknown', 418, false]);
});

test('a stream that ends too early fails', async () => {
  answers = [{ status: 200, headers: { 'content-type': 'text/event-stream' }, body: 'event: started\ndata: {"type":"started"}\n\n' }];
  const { stream } = await api().generateContentStream({ path: { kind: 'ideas' }, body: { channel_id: render.content_id } });
  const types = [];
  const error = await failure((async () => {
    for await (const event of stream) types.push(event.type);
  })());
  assert.deepEqual([types, error.message, seen.length], [['started'], 'The stream ended before the generation did.', 1]);
});
