// One person's way through a deployment, with accounts that are erased again. For staging: it writes.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

const site = (process.env.SITE ?? process.env.API_URL ?? '').replace(/\/$/, '');
const { SUPABASE_SECRET_KEY } = process.env;
assert.ok(site && SUPABASE_SECRET_KEY, 'set SITE and SUPABASE_SECRET_KEY');

const PATIENCE = { timeout: 120_000 };
const [email, password] = [`${randomUUID()}@example.com`, randomUUID()];
let config;
let token;
let id;

const auth = (path, key, body, headers = {}) =>
  fetch(`${config.supabase_url}/auth/v1/${path}`, {
    method: 'POST',
    headers: { apikey: key, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(20_000),
  });

const call = (method, path, { body, headers = {} } = {}) =>
  fetch(site + path, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}), ...headers },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(60_000),
  });

before(async () => {
  config = await (await fetch(`${site}/api/config`)).json();
  // Made by the operator, so that no mail has to be opened; where that cannot be, by signing up.
  const bearer = SUPABASE_SECRET_KEY.startsWith('sb_') ? {} : { authorization: `Bearer ${SUPABASE_SECRET_KEY}` };
  const made = await auth('admin/users', SUPABASE_SECRET_KEY, { email, password, email_confirm: true }, bearer);
  if (!made.ok) assert.ok((await auth('signup', config.supabase_publishable_key, { email, password })).ok, await made.text());
  const signed = await (await auth('token?grant_type=password', config.supabase_publishable_key, { email, password })).json();
  token = signed.access_token;
  id = signed.user?.id;
  assert.ok(token, JSON.stringify(Object.keys(signed)));
});

after(async () => {
  // The row of Supabase Auth: the product erases its own.
  const bearer = SUPABASE_SECRET_KEY.startsWith('sb_') ? {} : { authorization: `Bearer ${SUPABASE_SECRET_KEY}` };
  await fetch(`${config.supabase_url}/auth/v1/admin/users/${id}`, { method: 'DELETE', headers: { apikey: SUPABASE_SECRET_KEY, ...bearer } }).catch(() => {});
});

test('a new user has an account and nothing in it', PATIENCE, async () => {
  const me = await call('GET', '/api/me');
  assert.equal(me.status, 200, await me.clone().text());
  for (const path of ['/api/channels', '/api/videos', '/api/content', '/api/video', '/api/schedule']) {
    const response = await call('GET', path);
    assert.equal(response.status, 200, path);
    assert.deepEqual((await response.json()).items, [], path);
  }
});

test('connecting leads to Google', PATIENCE, async () => {
  const started = await call('POST', '/api/channels/connect', { body: {}, headers: { 'idempotency-key': randomUUID() } });
  assert.equal(started.status, 200, await started.clone().text());
  const { authorization_url } = await started.json();
  const address = new URL(authorization_url);
  assert.equal(address.searchParams.get('redirect_uri'), `${site}/api/channels/callback`);
  assert.equal(address.searchParams.get('code_challenge_method'), 'S256');
});

test('what is malformed, foreign or absent is refused', PATIENCE, async () => {
  assert.equal((await call('GET', '/api/channels?nonsense=1')).status, 400);
  assert.equal((await call('GET', `/api/channels/${randomUUID()}`)).status, 404);
  assert.equal((await call('GET', '/api/admin/metrics')).status, 403);
  assert.equal((await call('POST', '/api/schedule', { body: { nonsense: true } })).status, 422);
});

test('nobody can write around the functions', PATIENCE, async () => {
  const direct = await fetch(`${config.supabase_url}/rest/v1/channels`, {
    method: 'POST',
    headers: { apikey: config.supabase_publishable_key, authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ title: 'x' }),
  });
  assert.equal(direct.status, 403);
  const engine = await fetch(`${config.supabase_url}/rest/v1/rpc/pipeline_status`, {
    method: 'POST',
    headers: { apikey: config.supabase_publishable_key, authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-profile': 'engine' },
    body: '{}',
  });
  assert.ok([401, 403].includes(engine.status), String(engine.status));
});

test('an account is erased when its user says so', PATIENCE, async () => {
  const gone = await call('DELETE', '/api/me');
  assert.ok([200, 202, 204].includes(gone.status), await gone.clone().text());
});
