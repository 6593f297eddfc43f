// The functions as AWS Lambda runs them: a stand-in of its runtime interface hands events to a real binary and takes its
// answers. Run by `make lambda`, on a stack.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

const { BINARIES, CRON_SECRET, SUPABASE_URL } = process.env;
assert.ok(BINARIES && CRON_SECRET, 'run this by `make lambda`');

/** One function behind its own runtime interface. */
class Lambda {
  waiting = [];
  answers = new Map();
  polls = [];

  async start(binary) {
    this.server = createServer((request, response) => this.serve(request, response));
    await new Promise((ready) => this.server.listen(0, '127.0.0.1', ready));
    this.process = spawn(`${BINARIES}/${binary}`, {
      env: {
        ...process.env,
        AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${this.server.address().port}`,
        AWS_LAMBDA_FUNCTION_NAME: binary,
        AWS_LAMBDA_FUNCTION_VERSION: '1',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
        AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
        AWS_LAMBDA_LOG_GROUP_NAME: 'group',
      },
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    return this;
  }

  /** GET …/invocation/next waits for an event; POST …/response and …/error take what became of it. */
  serve(request, response) {
    const [, id, what] = /invocation\/([^/]+)(?:\/(\w+))?$/.exec(request.url) ?? [];
    if (request.method === 'GET' && id === 'next') {
      this.polls.push(response);
      return this.hand();
    }
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      response.writeHead(202).end();
      this.answers.get(id)?.({ what, body: JSON.parse(Buffer.concat(chunks)) });
    });
  }

  hand() {
    while (this.polls.length && this.waiting.length) {
      const { id, event } = this.waiting.shift();
      this.polls
        .shift()
        .writeHead(200, {
          'content-type': 'application/json',
          'lambda-runtime-aws-request-id': id,
          'lambda-runtime-deadline-ms': String(Date.now() + 300_000),
          'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:eu-central-1:000000000000:function:f',
          'lambda-runtime-trace-id': 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0',
        })
        .end(JSON.stringify(event));
    }
  }

  /** What API Gateway (HTTP API, payload 2.0) would answer to this request. */
  async call(method, path, { headers = {}, body, base64 = false } = {}) {
    const id = randomUUID();
    const [rawPath, rawQueryString = ''] = path.split('?');
    const event = {
      version: '2.0',
      routeKey: '$default',
      rawPath,
      rawQueryString,
      headers: { host: 'api.example.com', 'x-forwarded-proto': 'https', 'x-forwarded-port': '443', ...headers },
      requestContext: {
        accountId: '000000000000', apiId: 'a', domainName: 'api.example.com', domainPrefix: 'api', requestId: id, routeKey: '$default', stage: '$default',
        time: '22/Nov/2026:10:00:00 +0000', timeEpoch: 1795341600000,
        http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
      },
      body: body === undefined ? undefined : base64 ? Buffer.from(body).toString('base64') : body,
      isBase64Encoded: base64,
    };
    const answered = new Promise((resolve) => this.answers.set(id, resolve));
    this.waiting.push({ id, event });
    this.hand();
    const { what, body: answer } = await answered;
    assert.equal(what, 'response', JSON.stringify(answer));
    const text = answer.isBase64Encoded ? Buffer.from(answer.body, 'base64').toString() : answer.body;
    const lower = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), value]));
    return { status: answer.statusCode, headers: lower, json: text ? JSON.parse(text) : null };
  }

  stop() {
    this.process?.kill();
    this.server?.closeAllConnections();
    this.server?.close();
  }
}

const functions = {};
before(async () => {
  for (const name of ['api_health', 'api_channels', 'api_cron']) functions[name] = await new Lambda().start(name);
});
after(() => Object.values(functions).forEach((each) => each.stop()));

const PATIENCE = { timeout: 120_000 };

test('a function answers events as it answers requests', PATIENCE, async () => {
  const live = await functions.api_health.call('GET', '/api/health/live');
  assert.equal(live.status, 200);
  assert.deepEqual(live.json, { status: 'live' });
  assert.equal(live.headers['x-content-type-options'], 'nosniff');
  assert.equal(live.headers['cache-control'], 'no-store');
  const health = await functions.api_health.call('GET', '/api/health');
  assert.equal(health.status, 200);
  assert.equal(health.json.status, 'healthy');
});

test('who calls, with what method and from where is judged alike', PATIENCE, async () => {
  const channels = functions.api_channels;
  const missing = await channels.call('GET', '/api/channels');
  assert.deepEqual([missing.status, missing.json.code], [401, 'token_missing']);
  assert.match(missing.headers['content-type'], /problem\+json/);
  const method = await channels.call('PUT', '/api/channels');
  assert.deepEqual([method.status, method.json.code], [405, 'method_not_allowed']);
});

test('a signed-in user reads and writes, with a body in either coding', PATIENCE, async () => {
  const signed = await fetch(`${SUPABASE_URL}/auth/v1/signup`, {
    method: 'POST',
    headers: { apikey: process.env.SUPABASE_PUBLISHABLE_KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ email: `${randomUUID()}@example.com`, password: randomUUID() }),
  });
  const headers = { authorization: `Bearer ${(await signed.json()).access_token}`, 'content-type': 'application/json' };
  const listed = await functions.api_channels.call('GET', '/api/channels?limit=5', { headers });
  assert.deepEqual([listed.status, listed.json.items], [200, []]);
  assert.ok(listed.headers['ratelimit']);
  const unknown = await functions.api_channels.call('GET', '/api/channels?nonsense=5', { headers });
  assert.equal(unknown.status, 400);
  for (const base64 of [false, true]) {
    const started = await functions.api_channels.call('POST', '/api/channels/connect', { headers, body: '{}', base64 });
    assert.equal(started.status, 201, JSON.stringify(started.json));
    assert.match(started.json.authorization_url, /^http/);
  }
});

test('many events in a row are answered by one instance', PATIENCE, async () => {
  for (let turn = 0; turn < 50; turn++) assert.equal((await functions.api_health.call('GET', '/api/health/live')).status, 200);
  assert.equal(functions.api_health.process.exitCode, null);
});

test('a dispatch does its work before it answers, because the instance is frozen afterwards', PATIENCE, async () => {
  const answer = await functions.api_cron.call('POST', '/api/cron/dispatch', { headers: { authorization: `Bearer ${CRON_SECRET}` } });
  assert.deepEqual([answer.status, answer.json.status], [202, 'accepted']);
  const stranger = await functions.api_cron.call('POST', '/api/cron/dispatch');
  assert.equal(stranger.status, 401);
});
