// The real @supabase/supabase-js against the local gateway: what a front end does must work here as on a hosted project.
// Run by `catalyst-dev exec -- node --test`. 2.78.0 is the newest release that runs on Debian 12's Node 18.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createClient } from '@supabase/supabase-js';

const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, SUPABASE_SECRET_KEY, API_URL } = process.env;
assert.ok(SUPABASE_URL && SUPABASE_PUBLISHABLE_KEY, 'run this under `catalyst-dev exec`');

const client = (key = SUPABASE_PUBLISHABLE_KEY) =>
  createClient(SUPABASE_URL, key, { auth: { persistSession: true, autoRefreshToken: false, storage: memory() } });

function memory() {
  const kept = new Map();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}

const credentials = () => ({ email: `${randomUUID()}@example.com`, password: randomUUID() });

function fine({ data, error }) {
  assert.equal(error, null);
  return data;
}

/** Signs up, and uses the product once: the user's row is made on first use. */
async function someone() {
  const supabase = client();
  const { email, password } = credentials();
  const { session, user } = fine(await supabase.auth.signUp({ email, password, options: { data: { name: 'A. Creator' } } }));
  const me = await fetch(`${API_URL}/api/channels`, { headers: { authorization: `Bearer ${session.access_token}` } });
  assert.ok([200, 404].includes(me.status), `the product answers its own token: ${me.status}`);
  return { supabase, email, password, session, user };
}

test('signing up gives a session with the claims of a hosted project', async () => {
  const { session, user, email } = await someone();
  assert.equal(user.email, email);
  assert.equal(user.user_metadata.name, 'A. Creator');
  assert.ok(user.email_confirmed_at);
  assert.equal(session.token_type, 'bearer');
  assert.equal(session.expires_in, 3600);
  const [header, claims] = session.access_token.split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')));
  assert.equal(header.alg, 'ES256');
  assert.equal(claims.iss, `${SUPABASE_URL}/auth/v1`);
  assert.equal(claims.aud, 'authenticated');
  assert.equal(claims.role, 'authenticated');
  assert.equal(claims.sub, user.id);
  assert.equal(claims.aal, 'aal1');
  assert.equal(claims.amr[0].method, 'password');
  assert.ok(claims.session_id);
  assert.equal(claims.is_anonymous, false);
  const { keys } = await (await fetch(`${SUPABASE_URL}/auth/v1/.well-known/jwks.json`)).json();
  assert.ok(keys.some((key) => key.kid === header.kid));
  assert.ok(keys.every((key) => key.d === undefined), 'only public halves');
});

test('signing up twice, weakly or without an address is refused', async () => {
  const { email, password } = await someone();
  const codes = [];
  for (const attempt of [{ email, password }, { email: `${randomUUID()}@example.com`, password: 'abc' }, { email: 'nobody', password }]) {
    const { error } = await client().auth.signUp(attempt);
    codes.push(error.code);
  }
  assert.deepEqual(codes, ['user_already_exists', 'weak_password', 'validation_failed']);
});

test('signing in works with the right password only', async () => {
  const { email, password, user } = await someone();
  const again = fine(await client().auth.signInWithPassword({ email: email.toUpperCase(), password }));
  assert.equal(again.user.id, user.id);
  const { error } = await client().auth.signInWithPassword({ email, password: 'wrong-password' });
  assert.equal(error.code, 'invalid_credentials');
});

test('a refresh rotates the token, and two at once both succeed', async () => {
  const { supabase, session } = await someone();
  const next = fine(await supabase.auth.refreshSession()).session;
  assert.notEqual(next.refresh_token, session.refresh_token);
  const [one, two] = await Promise.all(
    [client(), client()].map((tab) => tab.auth.refreshSession({ refresh_token: next.refresh_token })),
  );
  assert.equal(fine(one).session.refresh_token, fine(two).session.refresh_token);
  const { error } = await client().auth.refreshSession({ refresh_token: 'no-such-token' });
  assert.equal(error.code, 'refresh_token_not_found');
});

test('the user is read and changed', async () => {
  const { supabase, user, email, password } = await someone();
  assert.equal(fine(await supabase.auth.getUser()).user.id, user.id);
  fine(await supabase.auth.updateUser({ password: `${password}!`, data: { theme: 'dark' } }));
  const again = fine(await client().auth.signInWithPassword({ email, password: `${password}!` }));
  assert.equal(again.user.user_metadata.theme, 'dark');
});

test('signing out ends the session, here or everywhere', async () => {
  const { supabase, session, email, password } = await someone();
  const other = client();
  fine(await other.auth.signInWithPassword({ email, password }));
  fine({ data: null, ...(await supabase.auth.signOut({ scope: 'local' })) });
  const { error } = await client().auth.refreshSession({ refresh_token: session.refresh_token });
  assert.equal(error.code, 'refresh_token_not_found');
  const { session: alive } = fine(await other.auth.refreshSession());
  fine({ data: null, ...(await other.auth.signOut()) });
  const ended = await client().auth.getUser(alive.access_token);
  assert.equal(ended.error.name, 'AuthSessionMissingError');
});

test('own rows are read, another\'s are not seen', async () => {
  const [a, b] = [await someone(), await someone()];
  const own = fine(await a.supabase.from('users').select('id').eq('id', a.user.id).single());
  assert.equal(own.id, a.user.id);
  const all = fine(await b.supabase.from('users').select('id'));
  assert.deepEqual(all.map((row) => row.id), [b.user.id]);
  const { error, status } = await b.supabase.from('users').select('id').eq('id', a.user.id).single();
  assert.deepEqual([status, error.code], [406, 'PGRST116']);
});

test('a write is refused', async () => {
  const { supabase, user } = await someone();
  const changed = await supabase.from('users').update({ plan: { renders: 1_000_000 } }).eq('id', user.id);
  assert.deepEqual([changed.status, changed.error.code], [403, '42501']);
  const inserted = await supabase.from('channels').insert({ youtube_channel_id: 'UC0', title: 'mine' });
  assert.deepEqual([inserted.status, inserted.error.code], [403, '42501']);
  const deleted = await supabase.from('users').delete().eq('id', user.id);
  assert.deepEqual([deleted.status, deleted.error.code], [403, '42501']);
});

test('nobody gets at the functions that change state', async () => {
  const { supabase } = await someone();
  for (const caller of [client(), supabase]) {
    const { error } = await caller.schema('engine').rpc('pipeline_status');
    assert.equal(error.code, '42501');
  }
  const { error } = await supabase.schema('private').from('steps').select('*');
  assert.equal(error.code, 'PGRST106');
});

test('nobody who has not signed in reads anything', async () => {
  const { error, status } = await client().from('users').select('id');
  assert.deepEqual([status, error.code], [401, '42501']);
});

test('an API key is needed, and a secret one does not belong in a browser', async () => {
  const ask = async (headers) => (await fetch(`${SUPABASE_URL}/rest/v1/users?select=id`, { headers })).status;
  assert.equal(await ask({}), 401);
  assert.equal(await ask({ apikey: 'sb_publishable_no' }), 401);
  assert.equal(await ask({ apikey: SUPABASE_PUBLISHABLE_KEY, authorization: 'Bearer sb_secret_no' }), 401);
  assert.equal(await ask({ apikey: SUPABASE_SECRET_KEY, 'user-agent': 'Mozilla/5.0' }), 401);
});

test('an operator makes a user an admin, and the next token says so', async () => {
  const { supabase, user } = await someone();
  const operator = client(SUPABASE_SECRET_KEY);
  fine(await operator.auth.admin.updateUserById(user.id, { app_metadata: { role: 'admin' } }));
  const { session } = fine(await supabase.auth.refreshSession());
  assert.equal(session.user.app_metadata.role, 'admin');
  assert.deepEqual(session.user.app_metadata.providers, ['email']);
  const { error } = await supabase.auth.admin.updateUserById(user.id, { app_metadata: { role: 'owner' } });
  assert.equal(error.code, 'not_admin');
});

test('a forgotten password is recovered by mail', async () => {
  const { email } = await someone();
  fine(await client().auth.resetPasswordForEmail(email));
  const [mail] = await (await fetch(`${SUPABASE_URL}/inbox?to=${encodeURIComponent(email)}`)).json();
  const { session } = fine(await client().auth.verifyOtp({ email, token: mail.otp, type: 'recovery' }));
  assert.ok(session.access_token);
  const { error } = await client().auth.verifyOtp({ email, token: mail.otp, type: 'recovery' });
  assert.equal(error.code, 'otp_expired');
});
