// A person with a channel, and a program that connects as they do: through discovery, registration, the consent page's calls and
// PKCE, with the client library's own OAuth.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';

export const { API_URL, SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, FAKE_GOOGLE_URL, CRON_SECRET } = process.env;
assert.ok(API_URL && SUPABASE_URL && FAKE_GOOGLE_URL && CRON_SECRET, 'run this under `catalyst-dev exec`');

export const MCP = new URL('/api/mcp', API_URL);
export const CALLBACK = 'http://127.0.0.1:33418/callback';

export const database = (statement) => execFileSync('psql', ['-v', 'ON_ERROR_STOP=1', '-qtAc', statement], { encoding: 'utf8' }).trim();

/** A request as JSON: status, headers and body. */
export async function send(url, { token, body, form, ...options } = {}) {
  const headers = { ...options.headers };
  if (token) headers.authorization = `Bearer ${token}`;
  if (body) headers['content-type'] = 'application/json';
  const reply = await fetch(url, { redirect: 'manual', ...options, headers, body: form ?? (body && JSON.stringify(body)) });
  const text = await reply.text();
  let json = null;
  try {
    json = JSON.parse(text);
  } catch {
    // Some answers are no JSON.
  }
  return { status: reply.status, headers: reply.headers, text, json };
}

function fine(reply, status = 200) {
  assert.equal(reply.status, status, reply.text);
  return reply.json;
}

export class Person {
  static async signUp() {
    const body = { email: `${randomUUID()}@example.com`, password: randomUUID() };
    const headers = { apikey: SUPABASE_PUBLISHABLE_KEY };
    const session = fine(await send(`${SUPABASE_URL}/auth/v1/signup`, { method: 'POST', headers, body }));
    const person = new Person();
    Object.assign(person, { id: session.user.id, email: body.email, token: session.access_token });
    fine(await person.api('GET', '/api/me'));
    return person;
  }

  /** With a connected channel that has videos. */
  static async withChannel(videos = 30) {
    const person = await Person.signUp();
    const account = `mcp-${randomUUID()}`;
    const made = { account, channel: { title: 'Bee Hours', generated: { videos, seed: 5 } } };
    const accounts = await send(`${FAKE_GOOGLE_URL}/_control/accounts`, { method: 'POST', body: made });
    assert.ok(accounts.status < 300, accounts.text);
    const begun = fine(await person.api('POST', '/api/channels/connect', {}));
    const google = await send(`${begun.authorization_url}&login_hint=${account}`);
    const landed = await send(google.headers.get('location'));
    const brought = Object.fromEntries(new URLSearchParams(landed.headers.get('location').split('#')[1]));
    person.channel = fine(await person.api('POST', '/api/channels/connect/finish', brought)).id;
    return person;
  }

  api(method, path, body, headers) {
    return send(`${API_URL}${path}`, { method, token: this.token, body, headers });
  }

  /** As if the person had asked for nothing in the last minute. */
  rested() {
    database(`delete from private.rate_limits where user_id = '${this.id}'`);
  }

  /** Works until the channel's videos are there, as the scheduler would. */
  async synchronised() {
    for (let tries = 0; tries < 400; tries++) {
      await send(`${API_URL}/api/cron/dispatch`, { method: 'POST', token: CRON_SECRET });
      const channel = fine(await this.api('GET', `/api/channels/${this.channel}`));
      if (channel.sync.state === 'idle') return;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    assert.fail('the channel was not synchronised');
  }

  /** A script that was approved, as if it had been written. */
  approvedScript() {
    const id = randomUUID();
    const output = JSON.stringify({
      title: 'Honey', hook: 'Honey never spoils.', call_to_action: 'Subscribe.',
      beats: [{ heading: 'Why', spoken: 'It is dry. It is sour.', visual: 'A jar' }],
    });
    database(`insert into public.generated_content (id, root_id, channel_id, created_by, kind, revision, origin, state, output,
        content_hash, approved_hash, voice_version, prompt_version, seed, model_asked, price_version)
      values ('${id}', '${id}', '${this.channel}', '${this.id}', 'script', 1, 'generated', 'approved', '${output}',
        private.content_hash('${output}'), private.content_hash('${output}'), 1, 'p', 1, 'm', 'v')`);
    return id;
  }

  /** A render that was asked for, as a row. */
  requestedRender() {
    const id = randomUUID();
    const request = JSON.stringify({
      script: 'Honey never spoils.', aspect: '16:9', language: 'en-US', footage: 'stock-video', quality: 'pro', resolution: '1080p',
      captions: 'middle', music: true,
    });
    database(`insert into public.renders (id, channel_id, content_hash, request, estimated_credits, estimate_basis)
      values ('${id}', '${this.channel}', 'h', '${request}', 1, 'provider')`);
    return id;
  }

  /** What the page /agents does: allows a program something. */
  async allow(program, changes) {
    return fine(await this.api('PATCH', `/api/me/agents/${program.clientId}`, changes));
  }

  /** What the consent page asks the sign-in service. */
  auth(method, path, body) {
    const headers = { apikey: SUPABASE_PUBLISHABLE_KEY };
    return send(`${SUPABASE_URL}/auth/v1${path}`, { method, token: this.token, body, headers });
  }

  /** Follows a program's address to the consent page, and gives the consent: where the browser goes next. */
  async consent(address, action = 'approve') {
    const asked = await send(address);
    assert.equal(asked.status, 302, asked.text);
    const page = new URL(asked.headers.get('location'));
    assert.equal(page.origin + page.pathname, `${API_URL}/agents`);
    const path = `/oauth/authorizations/${page.searchParams.get('authorization_id')}`;
    const details = fine(await this.auth('GET', path));
    const decided = details.redirect_url ? details : fine(await this.auth('POST', `${path}/consent`, { action }));
    return { details, redirect: new URL(decided.redirect_url) };
  }
}

/** The OAuth side of a program, kept in memory. */
export class Program {
  redirectUrl = CALLBACK;
  clientMetadata = {
    client_name: 'Claude (really)', redirect_uris: [CALLBACK], grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'], token_endpoint_auth_method: 'none',
  };
  kept = {};
  state = () => 'state-of-the-program';
  clientInformation = () => this.kept.client;
  saveClientInformation = (client) => void (this.kept.client = client);
  tokens = () => this.kept.tokens;
  saveTokens = (tokens) => void (this.kept.tokens = tokens);
  redirectToAuthorization = (address) => void (this.kept.address = address);
  saveCodeVerifier = (verifier) => void (this.kept.verifier = verifier);
  codeVerifier = () => this.kept.verifier;
  saveDiscoveryState = (found) => void (this.kept.found = found);
  discoveryState = () => this.kept.found;

  get clientId() {
    return this.kept.client.client_id;
  }

  get token() {
    return this.kept.tokens.access_token;
  }

  /** Connects for a person: refused at first, then with the token that the consent brought. */
  async connect(person, library) {
    const first = library.transport(MCP, { authProvider: this });
    await assert.rejects(library.client().connect(first), /unauthorized/i);
    const { details, redirect } = await person.consent(this.kept.address);
    assert.equal(redirect.searchParams.get('state'), 'state-of-the-program');
    await first.finishAuth(redirect.searchParams.get('code'));
    const client = library.client();
    await client.connect(library.transport(MCP, { authProvider: this }));
    this.details = details;
    return client;
  }
}

/** Calls a tool: its answer, or the problem that it was refused with. */
export async function call(client, name, args = {}) {
  const result = await client.callTool({ name, arguments: args });
  assert.equal(result.content[0].type, 'text');
  assert.deepEqual(JSON.parse(result.content[0].text), result.structuredContent, 'text and structure say the same');
  return { refused: result.isError === true, ...result.structuredContent };
}

/** Asks for an offer, and takes it. */
export async function confirmed(client, name, args) {
  const offer = await call(client, name, args);
  assert.equal(offer.refused, false, JSON.stringify(offer));
  assert.ok(offer.confirmation, `${name} offers first: ${JSON.stringify(offer)}`);
  return call(client, name, { ...args, confirmation: offer.confirmation });
}

export async function refusal(client, name, args, code) {
  const answer = await call(client, name, args);
  assert.equal(answer.refused, true, `${name} is refused: ${JSON.stringify(answer)}`);
  assert.equal(answer.code, code, JSON.stringify(answer));
  return answer;
}
