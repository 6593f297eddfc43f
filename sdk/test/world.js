// Somebody to be on a running stack: a user who has signed up, with a channel whose videos are synchronised.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';

const { API_URL, SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, SUPABASE_SECRET_KEY, FAKE_GOOGLE_URL, FAKE_REVID_URL, CRON_SECRET } = process.env;
assert.ok(API_URL && SUPABASE_URL && FAKE_GOOGLE_URL && CRON_SECRET, 'run this under `catalyst-dev exec`');

export const url = API_URL;
export const cron = { Authorization: `Bearer ${CRON_SECRET}` };

async function call(method, address, body, headers) {
  const response = await fetch(address, { method, headers: { 'content-type': 'application/json', ...headers }, body: body && JSON.stringify(body), redirect: 'manual' });
  assert.ok(response.status < 400, `${method} ${address}: ${response.status} ${await response.clone().text()}`);
  return response;
}

const auth = async (method, path, body, apikey) => (await call(method, `${SUPABASE_URL}/auth/v1/${path}`, body, { apikey })).json();

/** A new user's access token. */
export async function signUp({ admin = false } = {}) {
  const session = await auth('POST', 'signup', { email: `${randomUUID()}@example.com`, password: randomUUID() }, SUPABASE_PUBLISHABLE_KEY);
  if (!admin) return session.access_token;
  await auth('PUT', `admin/users/${session.user.id}`, { app_metadata: { role: 'admin' } }, SUPABASE_SECRET_KEY);
  const renewed = await auth('POST', 'token?grant_type=refresh_token', { refresh_token: session.refresh_token }, SUPABASE_PUBLISHABLE_KEY);
  return renewed.access_token;
}

/** What Google brings back when somebody consents: the members of the body that finishes the consent. */
export async function consent(page, title = 'Bee Hours') {
  const account = `acct-${randomUUID()}`;
  await call('POST', `${FAKE_GOOGLE_URL}/_control/accounts`, { account, channel: { title, generated: { videos: 40, seed: 5 } } });
  const google = await call('GET', `${page}&login_hint=${account}`);
  return Object.fromEntries(new URL(google.headers.get('location')).searchParams);
}

/** Lets due work be done, as the scheduler would. */
export const dispatch = () => call('POST', `${url}/api/cron/dispatch`, undefined, cron);

/** Asks until the answer is right; so many milliseconds lie between two looks. */
export async function until(what, ask, right, between = 100) {
  for (let tries = 0; tries < 300; tries++) {
    await dispatch();
    const found = await ask();
    if (right(found)) return found;
    await new Promise((resolve) => setTimeout(resolve, between));
  }
  assert.fail(`${what} took too long`);
}

export const sql = (statement) => execFileSync('psql', ['-v', 'ON_ERROR_STOP=1', '-qAtc', statement], { encoding: 'utf8' }).trim();

/** Where the render service was told to call back. */
export async function revidCallback(mark) {
  const { renders } = await (await fetch(`${FAKE_REVID_URL}/_state?contains=${encodeURIComponent(mark)}`)).json();
  const [address] = JSON.stringify(renders).match(/https?:[^"]*\/api\/webhooks\/revid\?[^"]*/);
  return Object.fromEntries(new URL(address.replaceAll('\\u0026', '&')).searchParams);
}
