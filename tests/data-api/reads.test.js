// Two judges of every read: the local Data API and @supabase/lite, another implementation, on the same database. What they
// differ in stands in differences.js; any other difference fails. Run by `catalyst-dev exec -- tests/data-api/run`.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { differences } from './differences.js';
import { examples } from './examples.js';

const { DATABASE_URL, SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, SUPABASE_SECRET_KEY } = process.env;
assert.ok(SUPABASE_URL && DATABASE_URL, 'run this under `catalyst-dev exec`');
const ROOT = new URL('../../', import.meta.url);

const sql = (...more) => execFileSync('psql', ['--no-psqlrc', '-qtA', '-v', 'ON_ERROR_STOP=1', '-d', DATABASE_URL, ...more]).toString().trim();
const named = (channel, name) => sql('-c', `select md5('${channel}${name}')::uuid`);

// What was found to differ.
const differing = new Set();
let judges, tools, token, ids, grants;
const granted = `select md5(string_agg(c.relname || coalesce(c.relacl::text, ''), ',' order by c.oid)) from pg_class c`;

before(async () => {
  grants = sql('-c', granted);
  tools = { ...(await import('./judges.js')), ...(await import('./product.js')), ...(await import('@supabase/supabase-js')) };
  const auth = tools.createClient(SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, { auth: { persistSession: false } }).auth;
  const { data, error } = await auth.signUp({ email: `${randomUUID()}@example.com`, password: randomUUID() });
  assert.equal(error, null);
  const channel = randomUUID();
  sql('-v', `user=${data.user.id}`, '-v', `channel=${channel}`, '-f', new URL('seed.sql', import.meta.url).pathname);
  ids = { channel, video: named(channel, 1), content: named(channel, 'content3'), root: named(channel, 'content1'), render: named(channel, 'render1'),
    upload: named(channel, 'upload1'), endpoint: named(channel, 'endpoint'), agent: named(channel, 'agent'), delivery: named(channel, 'delivery1'), session: data.session.access_token };
  token = tools.token(data.user.id);
  judges = await tools.judges();
});
after(async () => {
  await judges?.close();
  assert.equal(sql('-c', granted), grants, 'the second judge has changed who may read what');
});

/** What both say; a fault where it differs and that is not listed. */
async function compare(what, ask) {
  const [ours, lite] = [await ask(judges.ours), await ask(judges.lite)];
  const same = (() => {
    try {
      assert.deepEqual(ours, lite);
      return true;
    } catch {
      return false;
    }
  })();
  if (!same) differing.add(what);
  if (!same && !(what in differences)) return `${what}\n  ours ${JSON.stringify(ours).slice(0, 700)}\n  lite ${JSON.stringify(lite).slice(0, 700)}`;
}

test('both give the same answers to what the product reads', { timeout: 120_000 }, async () => {
  const stable = new Set(sql('-c', `select proname from pg_proc where pronamespace in ('public'::regnamespace, 'engine'::regnamespace) and provolatile <> 'v'`).split('\n'));
  const reads = await tools.productReads(ids.session, ids, stable);
  const tables = new Set(reads.map(({ path }) => /^\/rest\/v1\/(?:rpc\/)?(\w+)/.exec(path)[1]));
  for (const table of tablesInTheCode()) if (table !== 'videos') assert.ok(tables.has(table), `nothing was read of ${table}: ask for it in product.js`);
  const faults = [];
  for (const { method, path, as, headers, body } of reads) {
    const keys = as === 'service' ? { apikey: SUPABASE_SECRET_KEY } : { apikey: SUPABASE_PUBLISHABLE_KEY, authorization: `Bearer ${token}` };
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const ask = async (judge) => tools.said(await judge(SUPABASE_URL + path, { method, body, headers: { ...headers, ...keys, ...type } }));
    faults.push(await compare(`${method} ${path.split('?')[0]}`, ask).then((fault) => fault && `${fault}\n  ${path} ${body ?? ''}`));
  }
  console.log(`${reads.length} reads of the product`);
  assert.deepEqual(faults.filter(Boolean), []);
});

/** The tables and functions that the product's code names in a read. */
function tablesInTheCode() {
  const files = readdirSync(new URL('lib/src', ROOT), { recursive: true }).filter((name) => name.endsWith('.rs'));
  const text = files.map((name) => readFileSync(new URL(`lib/src/${name}`, ROOT), 'utf8')).join('\n');
  return new Set([...text.matchAll(/\.(?:from|query)\(\s*"(\w+)"/g)].map(([, name]) => name));
}

test('both give the same answers to the examples of supabase-js', { timeout: 120_000 }, async () => {
  const all = Object.entries(examples(ids));
  const faults = [];
  for (const [what, example] of all) {
    const ask = async (judge) => {
      let answer;
      const keep = async (...request) => (answer = await judge(...request)).clone();
      const global = { fetch: keep, headers: { authorization: `Bearer ${token}` } };
      await example(tools.createClient(SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, { auth: { persistSession: false }, global }));
      return tools.said(answer);
    };
    faults.push(await compare(what, ask));
  }
  console.log(`${all.length} examples`);
  assert.deepEqual(faults.filter(Boolean), []);
});

test('what is listed as different is different', () => {
  assert.deepEqual(Object.keys(differences).filter((what) => !differing.has(what)), []);
});
