// What must hold of every deployment. Reads only: it may be run against production at any time.

import assert from 'node:assert/strict';
import { test } from 'node:test';

const site = (process.env.SITE ?? process.env.API_URL ?? '').replace(/\/$/, '');
assert.ok(site, 'set SITE to the address of a deployment');

const PATIENCE = { timeout: 60_000 };

/** A first answer after a deployment may take its time, and an edge may not know it yet. */
async function get(path, options = {}) {
  let last;
  for (let tries = 0; tries < 5; tries++) {
    try {
      const response = await fetch(site + path, { redirect: 'manual', signal: AbortSignal.timeout(10_000), ...options });
      if (response.status < 500 || path === '/api/health') return response;
      last = new Error(`${path}: ${response.status}`);
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  throw last;
}

function guarded(response, path) {
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff', path);
  assert.equal(response.headers.get('x-frame-options'), 'DENY', path);
  assert.equal(response.headers.get('referrer-policy'), 'no-referrer', path);
  assert.equal(response.headers.get('x-dns-prefetch-control'), 'off', path);
  assert.match(response.headers.get('strict-transport-security'), /max-age=63072000/, path);
}

test('it lives, and is well', PATIENCE, async () => {
  const live = await get('/api/health/live');
  assert.equal(live.status, 200);
  const health = await get('/api/health');
  const body = await health.json();
  assert.notEqual(body.status, 'unhealthy', JSON.stringify(body));
  assert.equal(health.status, 200);
});

test('it asks who is there, in problem details', PATIENCE, async () => {
  for (const path of ['/api/me', '/api/channels', '/api/videos', '/api/schedule', '/api/admin/metrics']) {
    const response = await get(path);
    assert.equal(response.status, 401, path);
    assert.match(response.headers.get('content-type'), /application\/problem\+json/, path);
    assert.equal(response.headers.get('cache-control'), 'no-store', path);
    guarded(response, path);
  }
  const stranger = await get('/api/cron/dispatch', { method: 'POST' });
  assert.equal(stranger.status, 401);
  for (const path of ['/api/nothing', '/api/channels/a/b/c']) {
    const unknown = await get(path);
    assert.equal(unknown.status, 404, path);
    assert.match(unknown.headers.get('content-type'), /application\/problem\+json/, path);
  }
});

test('its description and settings are served', PATIENCE, async () => {
  const described = await get('/api/openapi.json');
  assert.equal(described.headers.get('access-control-allow-origin'), '*');
  const document = await described.json();
  assert.match(document.openapi, /^3\.1/);
  const config = await (await get('/api/config')).json();
  assert.match(config.supabase_url, /^https?:\/\//);
  assert.doesNotMatch(config.supabase_publishable_key, /^sb_secret_/);
  const keys = await fetch(`${config.supabase_url}/auth/v1/.well-known/jwks.json`, { signal: AbortSignal.timeout(10_000) });
  assert.equal(keys.status, 200);
});

test('its pages are there, with their headers, and its sources are not', PATIENCE, async () => {
  for (const path of ['/', '/dashboard', '/docs/errors']) {
    const response = await get(path);
    assert.equal(response.status, 200, path);
    assert.match(response.headers.get('content-security-policy'), /^default-src 'none'/, path);
    guarded(response, path);
  }
  // A page that signs in may call the deployment's own project and nobody else.
  const { supabase_url: supabase } = await (await get('/api/config')).json();
  const page = await (await get('/dashboard')).text();
  const policy = page.match(/http-equiv="Content-Security-Policy" content="([^"]+)"/)?.[1] ?? 'none';
  assert.match(policy, /^default-src 'none'/);
  assert.equal(policy.match(/connect-src ([^;]+)/)?.[1], `'self' ${supabase.replace(/\/$/, '')}`);
  const led = await get('/', { headers: { cookie: 'sb-abcdefghijklmnopqrst-auth-token=x' } });
  assert.equal(led.status, 307);
  assert.match(led.headers.get('location'), /\/dashboard$/);
  assert.equal((await get('/vendor/supabase.js')).status, 200);
  for (const path of ['/Cargo.toml', '/vercel.json', '/.env', '/lib/src/lib.rs', '/supabase/config.toml', '/api/health.rs']) {
    assert.notEqual((await get(path)).status, 200, path);
  }
});
