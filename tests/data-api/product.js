// What the product reads: its functions answer every operation that reads, and a recorder between them and the Data API keeps
// the requests.

import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const { SUPABASE_URL } = process.env;
const ROOT = new URL('../../', import.meta.url);
const BINARIES = `${process.env.CARGO_TARGET_DIR ?? new URL('target', ROOT).pathname}/debug`;
const document = JSON.parse(readFileSync(new URL('public/openapi.json', ROOT)));

/** Passes requests on to the gateway, and keeps the reads: those of rows, and calls of functions that are `stable`. */
export class Recorder {
  reads = new Map();

  constructor(stable) {
    this.stable = stable;
    this.server = createServer((request, response) => {
      const pieces = [];
      request.on('data', (piece) => pieces.push(piece));
      request.on('end', () => this.pass(request, Buffer.concat(pieces), response).catch((error) => response.destroy(error)));
    });
  }

  async start() {
    await new Promise((ready) => this.server.listen(0, '127.0.0.1', ready));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  async pass({ method, url, headers }, body, response) {
    const { host, connection, 'content-length': _, ...passed } = headers;
    const [, name] = /^\/rest\/v1\/rpc\/(\w+)/.exec(url) ?? [];
    if (url.startsWith('/rest/v1/') && (method === 'GET' || this.stable.has(name))) {
      const { accept, 'accept-profile': readsFrom, 'content-profile': callsIn, prefer } = headers;
      const kept = Object.fromEntries(Object.entries({ accept, 'accept-profile': readsFrom, 'content-profile': callsIn, prefer }).filter(([, value]) => value));
      const read = { method, path: url, as: passed.apikey?.startsWith('sb_secret_') ? 'service' : 'user', headers: kept };
      if (method === 'POST') Object.assign(read, { body: body.toString() });
      this.reads.set(JSON.stringify(read), read);
    }
    const answer = await fetch(SUPABASE_URL + url, { method, headers: passed, body: ['GET', 'HEAD'].includes(method) ? undefined : body });
    const { 'content-encoding': _encoding, 'transfer-encoding': _transfer, 'content-length': _length, ...shown } = Object.fromEntries(answer.headers);
    response.writeHead(answer.status, shown).end(Buffer.from(await answer.arrayBuffer()));
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** A port that nobody listens on. */
async function freePort() {
  const server = createServer();
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Starts the functions with the recorder in the place of the project, and adds each to `functions`. */
async function start(url, functions) {
  const issuer = `${SUPABASE_URL}/auth/v1`;
  const names = readdirSync(new URL('api', ROOT)).filter((name) => name.endsWith('.rs')).map((name) => name.slice(0, -3));
  for (const name of names) {
    const port = await freePort();
    const at = `http://127.0.0.1:${port}`;
    const env = { ...process.env, SUPABASE_URL: url, SUPABASE_JWT_ISSUER: issuer, VERCEL_DEV_PORT: String(port), ENABLE_RATE_LIMITING: 'false' };
    functions[name] = { at, process: spawn(`${BINARIES}/api_${name}`, { env, stdio: 'ignore' }) };
  }
  const deadline = Date.now() + 20_000;
  for (const { at } of Object.values(functions)) {
    while (!(await fetch(`${at}/_vercel/ping`).then((answer) => answer.ok, () => false))) {
      if (Date.now() > deadline) throw new Error(`no function listens at ${at}`);
      await new Promise((soon) => setTimeout(soon, 50));
    }
  }
}

/** The function that a path leads to: its own, or as `vercel.json` says. */
function resource(path, functions) {
  const [, own] = /^\/api\/(\w+)$/.exec(path) ?? [];
  if (functions[own]) return own;
  const { rewrites } = JSON.parse(readFileSync(new URL('vercel.json', ROOT)));
  for (const { source, destination } of rewrites) {
    if (new RegExp(`^${source}$`).test(path)) return /^\/api\/(\w+)/.exec(destination)[1];
  }
}

/** One value of every parameter that a list may be narrowed by. */
function values(parameter, ids) {
  const { name, schema } = parameter;
  const given = { channel_id: ids.channel, content_id: ids.content, root_id: ids.root, endpoint_id: ids.endpoint };
  if (given[name]) return [given[name]];
  if (name === 'from' || name === 'after') return ['2026-11-01T00:00:00Z'];
  if (name === 'to') return ['2036-11-01T00:00:00Z'];
  if (name === 'search') return ['honey bees'];
  if (name === 'limit' || name === 'count') return ['1'];
  const resolve = (one) => (one?.$ref ? document.components.schemas[one.$ref.split('/').pop()] : one);
  const choices = [schema, ...(schema.oneOf ?? [])].map(resolve).flatMap((one) => one?.enum ?? []);
  return choices.filter((choice) => choice !== null);
}

/** The addresses of every operation that reads, with each parameter once. */
function addresses(ids) {
  const own = { '/api/channels/{id}': ids.channel, '/api/channels/{id}/insights': ids.channel, '/api/content/{id}': ids.content,
    '/api/schedule/{id}': ids.upload, '/api/video/{id}': ids.render, '/api/videos/{id}': ids.video,
    '/api/me/agents/{id}': ids.agent, '/api/webhooks/endpoints/{id}': ids.endpoint, '/api/webhooks/deliveries/{id}': ids.delivery };
  const all = [];
  for (const [template, { get }] of Object.entries(document.paths)) {
    if (!get || template === '/api/openapi.json' || template.includes('{secret}')) continue;
    const path = template.replace('{id}', own[template]);
    const required = template === '/api/schedule/slots' ? [['channel_id', ids.channel]] : [];
    const given = new Set(required.map(([name]) => name));
    const parameters = (get.parameters ?? []).filter(({ in: place, name }) => place === 'query' && !given.has(name));
    const address = (pairs) => `${path}?${new URLSearchParams(pairs)}`.replace(/\?$/, '');
    all.push(address(required));
    for (const parameter of parameters) {
      for (const value of values(parameter, ids)) all.push(address([...required, [parameter.name, value]]));
    }
  }
  return all;
}

/** Everything that the product reads for this user, as requests of the Data API. */
export async function productReads(token, ids, stable) {
  const recorder = await new Recorder(stable).start();
  const functions = {};
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const ask = (path, init = {}) => {
    const { at } = functions[resource(path.split('?')[0], functions)];
    return fetch(at + path, { headers, ...init });
  };
  try {
    await start(recorder.url, functions);
    for (const address of addresses(ids)) {
      const answer = await ask(address);
      const { next_cursor: cursor } = await answer.json().catch(() => ({}));
      if (cursor) await ask(`${address}&cursor=${encodeURIComponent(cursor)}`);
    }
    // What a change reads before it changes anything.
    const body = (value) => ({ method: 'POST', body: JSON.stringify(value) });
    await ask('/api/generate/titles', body({ channel_id: ids.channel, topic: 'Honey' }));
    await ask('/api/video/estimate', body({ content_id: ids.content }));
    await ask('/api/schedule', body({ render_id: ids.render, title: 'Honey', made_for_kids: false, altered_content: true, local_time: '2030-01-01T10:00' }));
  } finally {
    for (const { process } of Object.values(functions)) process.kill();
    recorder.stop();
  }
  return [...recorder.reads.values()];
}
