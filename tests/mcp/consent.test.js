// How a program gets in: discovery, the challenge, exact addresses, single use; and who is turned away.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { before, test } from 'node:test';
import { libraries } from './libraries.js';
import { API_URL, CALLBACK, MCP, Person, Program, SUPABASE_URL, call, send } from './person.js';

const library = libraries['2025-06-18'];
const METADATA = `${API_URL}/.well-known/oauth-protected-resource/api/mcp`;
const INITIALIZE = {
  jsonrpc: '2.0', id: 1, method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};
const ACCEPT = { accept: 'application/json, text/event-stream' };

let person;

before(async () => {
  person = await Person.signUp();
});

/** A registered program and the parameters with which it asks. */
async function registered() {
  const body = { client_name: 'A program', redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none' };
  const { json } = await send(`${SUPABASE_URL}/auth/v1/oauth/clients/register`, { method: 'POST', body });
  const verifier = randomBytes(32).toString('base64url');
  const code_challenge = createHash('sha256').update(verifier).digest('base64url');
  const asked = { client_id: json.client_id, redirect_uri: CALLBACK, response_type: 'code', state: 's', code_challenge, code_challenge_method: 'S256' };
  const address = (changes = {}) => `${SUPABASE_URL}/auth/v1/oauth/authorize?${new URLSearchParams({ ...asked, ...changes })}`;
  const trade = (changes) => {
    const form = new URLSearchParams({ grant_type: 'authorization_code', client_id: json.client_id, redirect_uri: CALLBACK, code_verifier: verifier, ...changes });
    return send(`${SUPABASE_URL}/auth/v1/oauth/token`, { method: 'POST', form });
  };
  return { id: json.client_id, address, trade };
}

test('who has no token is told where to get one', async () => {
  const refused = await send(MCP, { method: 'POST', headers: ACCEPT, body: INITIALIZE });
  assert.equal(refused.status, 401);
  assert.equal(refused.headers.get('www-authenticate'), `Bearer resource_metadata="${METADATA}"`);
  const { json, headers } = await send(METADATA);
  assert.equal(json.resource, `${API_URL}/api/mcp`);
  assert.deepEqual(json.authorization_servers, [`${SUPABASE_URL}/auth/v1`]);
  assert.equal(headers.get('access-control-allow-origin'), '*');
  const server = await send(`${SUPABASE_URL}/.well-known/oauth-authorization-server/auth/v1`);
  assert.deepEqual(server.json.code_challenge_methods_supported.slice(0, 1), ['S256']);
  const elsewhere = await send(`${API_URL}/api/me`);
  assert.equal(elsewhere.headers.get('www-authenticate'), 'Bearer');
});

test('an expired token is challenged anew', async () => {
  const expired = { sub: person.id, exp: 1, iat: 0, client_id: '00000000-0000-4000-8000-000000000001' };
  const { json } = await send(`${SUPABASE_URL}/_control/auth/token`, { method: 'POST', body: expired });
  const refused = await send(MCP, { method: 'POST', headers: ACCEPT, body: INITIALIZE, token: json.access_token });
  assert.equal(refused.status, 401);
  assert.equal(refused.json.code, 'token_expired');
  assert.match(refused.headers.get('www-authenticate'), /resource_metadata=/);
});

test('the consent shows the name that the program gave itself, and the exact address', async () => {
  const program = new Program();
  await program.connect(person, library);
  assert.equal(program.details.client.name, 'Claude (really)');
  assert.equal(program.details.redirect_uri, CALLBACK);
  assert.equal(program.details.user.email, person.email);
  const claims = JSON.parse(Buffer.from(program.token.split('.')[1], 'base64url'));
  assert.equal(claims.client_id, program.clientId);
  assert.equal(claims.sub, person.id);
  const grants = await person.auth('GET', '/user/oauth/grants');
  assert.ok(grants.json.some(({ client }) => client.id === program.clientId));
});

test('an address that is not registered to the letter is refused before anybody is asked', async () => {
  const { address } = await registered();
  for (const redirect_uri of [
    `${CALLBACK}/`, `${CALLBACK}?x=1`, CALLBACK.toUpperCase(), 'http://127.0.0.1:33419/callback', 'http://127.0.0.1:33418/callback#x',
    'http://localhost:33418/callback', 'http://127.0.0.1:33418@evil.example/callback', 'https://evil.example/callback', 'javascript:alert(1)', '',
  ]) {
    const refused = await send(address({ redirect_uri }));
    assert.equal(refused.status, 400, `${redirect_uri}: ${refused.text}`);
    assert.equal(refused.headers.get('location'), null);
  }
  for (const changes of [{ code_challenge: '' }, { code_challenge_method: '' }, { response_type: 'token' }, { client_id: person.id }]) {
    assert.equal((await send(address(changes))).status, 400, JSON.stringify(changes));
  }
});

test('no program registers an address that runs in a page, or one of the open network', async () => {
  for (const uri of ['javascript:alert(1)', 'data:text/html,x', 'http://evil.example/', 'custom:x', `${CALLBACK}#x`]) {
    const body = { client_name: 'x', redirect_uris: [uri] };
    const refused = await send(`${SUPABASE_URL}/auth/v1/oauth/clients/register`, { method: 'POST', body });
    assert.equal(refused.status, 400, uri);
  }
});

test('a consent is answered by whoever opened it, once', async () => {
  const { address } = await registered();
  const page = new URL((await send(address())).headers.get('location'));
  const path = `/oauth/authorizations/${page.searchParams.get('authorization_id')}`;
  assert.equal((await person.auth('GET', path)).status, 200);
  const stranger = await Person.signUp();
  assert.equal((await stranger.auth('GET', path)).status, 404);
  assert.equal((await stranger.auth('POST', `${path}/consent`, { action: 'approve' })).status, 404);
  const denied = await person.auth('POST', `${path}/consent`, { action: 'deny' });
  assert.equal(new URL(denied.json.redirect_url).searchParams.get('error'), 'access_denied');
  assert.equal((await person.auth('POST', `${path}/consent`, { action: 'approve' })).status, 400);
});

test('a code is good for one trade, by its program, with its verifier', async () => {
  const code = async (of) => (await person.consent(of.address())).redirect.searchParams.get('code');
  const one = await registered();
  const other = await registered();
  assert.equal((await other.trade({ code: await code(one) })).json.error, 'invalid_grant');
  assert.equal((await one.trade({ code: await code(one), code_verifier: 'x'.repeat(43) })).json.error, 'invalid_grant');
  assert.equal((await one.trade({ code: await code(one), redirect_uri: 'http://127.0.0.1/' })).json.error, 'invalid_grant');
  const good = await code(one);
  const traded = await one.trade({ code: good });
  assert.equal(traded.status, 200, traded.text);
  assert.equal((await one.trade({ code: good })).json.error, 'invalid_grant');
  const refreshed = await one.trade({ grant_type: 'refresh_token', refresh_token: traded.json.refresh_token });
  const claims = JSON.parse(Buffer.from(refreshed.json.access_token.split('.')[1], 'base64url'));
  assert.equal(claims.client_id, one.id, 'what is refreshed is a program\'s, too');
  const stolen = await person.auth('POST', '/token?grant_type=refresh_token', { refresh_token: refreshed.json.refresh_token });
  assert.equal(stolen.status, 400, 'a program\'s refresh token is no user\'s session');
});

test('a program that was disconnected gets no new token', async () => {
  const program = new Program();
  const client = await program.connect(person, library);
  assert.deepEqual((await call(client, 'channels')).items, []);
  assert.equal((await person.auth('DELETE', `/user/oauth/grants?client_id=${program.clientId}`)).status, 204);
  const form = { grant_type: 'refresh_token', client_id: program.clientId, refresh_token: program.kept.tokens.refresh_token };
  const refused = await send(`${SUPABASE_URL}/auth/v1/oauth/token`, { method: 'POST', body: form });
  assert.equal(refused.json.error, 'invalid_grant', refused.text);
});

test('the session of a user is not for programs', async () => {
  const refused = await send(MCP, { method: 'POST', headers: ACCEPT, body: INITIALIZE, token: person.token });
  assert.equal(refused.status, 401);
  assert.equal(refused.json.code, 'token_invalid');
});

/** A request under another name, which fetch does not let one choose. */
const under = (headers, token) =>
  new Promise((resolve, reject) => {
    const all = { ...ACCEPT, 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers };
    const sent = request(MCP, { method: 'POST', headers: all }, (reply) => reply.resume().on('end', () => resolve(reply.statusCode)));
    sent.on('error', reject);
    sent.end(JSON.stringify(INITIALIZE));
  });

test('a foreign name and a foreign page are refused', async () => {
  const program = new Program();
  await program.connect(person, library);
  assert.equal(await under({}, program.token), 200);
  assert.equal(await under({ host: 'rebound.example' }, program.token), 403);
  assert.equal(await under({ host: 'rebound.example', 'x-forwarded-host': '127.0.0.1' }, program.token), 403);
  assert.equal(await under({ origin: 'https://evil.example' }, program.token), 403);
  assert.equal(await under({ origin: 'null' }, program.token), 403);
  assert.equal(await under({ origin: 'http://localhost:6274' }, program.token), 200, 'the inspector, on this machine');
});
