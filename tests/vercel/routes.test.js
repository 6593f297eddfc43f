// The platform's own builder, and the local stack's reading of vercel.json: both must lead every request to the same place.
// Run by `make vercel-test`; the first run fetches the CLI from npm.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { build, filesBelow } from './build.js';
import { Table } from './table.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const TOOL = process.env.CATALYST_DEV ?? join(process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target'), 'debug/catalyst-dev');
const VERBS = ['get', 'post', 'patch', 'delete'];
const ID = '0195f3a0-6b1e-7c44-9d52-3f1f6f0a7c11';

let built;
let table;
let document;

before(async () => {
  document = JSON.parse(await readFile(join(ROOT, 'public/openapi.json'), 'utf8'));
  built = await build(ROOT);
  table = new Table(built.config, Object.keys(built.functions), built.files);
}, { timeout: 300_000 });

/** What the local stack makes of these requests. */
function local(requests) {
  const input = requests.map(({ target, headers }) => JSON.stringify({ target, headers })).join('\n');
  const { status, stdout, stderr } = spawnSync(TOOL, ['check', '--routes'], { cwd: ROOT, input, encoding: 'utf8', maxBuffer: 1 << 26 });
  assert.equal(status, 0, stderr);
  return stdout.trim().split('\n').map((line) => JSON.parse(line));
}

/** Compares both readings, and each with what is expected of it when that is known. */
function agree(requests) {
  const seen = local(requests);
  assert.equal(seen.length, requests.length);
  requests.forEach((request, n) => {
    const name = `${request.method ?? 'GET'} ${request.target}`;
    const { met } = table.meets(request);
    assert.deepEqual(seen[n], met, `the platform and the local stack differ: ${name}`);
    if (request.meets) assert.deepEqual(met, request.meets, name);
  });
}

const fn = (name) => ({ function: `api/${name}`, query: [] });
const UNKNOWN = fn('health');

/** What answers a declared path. */
function answers(path) {
  if (path === '/api/openapi.json') return { file: 'openapi.json' };
  return path === '/api/config' ? fn('health') : fn(path.split('/')[2]);
}

/** Every declared operation with these in the place of its ids, and HEAD and OPTIONS of its path. */
function declared(id, more = '') {
  return Object.entries(document.paths).flatMap(([path, item]) => {
    const target = path.replace(/\{\w+\}/g, id) + more;
    const methods = [...Object.keys(item).filter((verb) => VERBS.includes(verb)), 'head', 'options'];
    return methods.map((method) => ({ method: method.toUpperCase(), target, meets: answers(path) }));
  });
}

test('the build has one function for each file under api/, twelve at most', async () => {
  const files = (await filesBelow(join(ROOT, 'api'))).map((file) => `api/${file.replace(/\.rs$/, '')}`);
  assert.deepEqual(Object.keys(built.functions).sort(), files);
  assert.ok(files.length <= 12, `${files.length} functions`);
});

test('each function may take as long as vercel.json says', async () => {
  const { functions } = JSON.parse(await readFile(join(ROOT, 'vercel.json'), 'utf8'));
  for (const [name, { maxDuration }] of Object.entries(built.functions)) {
    assert.equal(maxDuration, (functions[`${name}.rs`] ?? functions['api/*.rs']).maxDuration, name);
  }
});

test('what is published is public/ and nothing else', async () => {
  const files = (await filesBelow(join(ROOT, 'public'))).filter((file) => !file.startsWith('vendor/'));
  assert.deepEqual(built.files, files);
});

test('every declared operation reaches the function of its resource, with nothing added to its query', () => {
  const operations = declared(ID);
  assert.ok(operations.length > 80, `${operations.length} requests`);
  agree(operations);
});

test('an id may hold anything that an address may', () => {
  for (const id of ['a%2Fb%20c', '%ff%fe', '..%2f..%2fetc', 'connect', 'x.html', 'index.htm', "1'%20or%20'1", '$1', ':id', '*']) agree(declared(id).map(({ meets, ...rest }) => rest));
  agree(declared('a%2Fb', '?id=zzz&cursor=x%20y&1=2'));
});

test('a slash at the end leads to the same function', () => {
  agree(declared(ID, '/').map((request) => (request.target === '/api/openapi.json/' ? { ...request, meets: UNKNOWN } : request)));
});

test('a path that no operation declares is answered by a function, not by the platform', () => {
  const unknown = ['/api/', '/api//', '/api/nothing', '/api/nothing/at/all', '/api/healthx', '/api/health-live', '/api/videosx/7', '/api/configs', '/api/config/x', '/api/openapi.jsonx', '/api/openapi.json/x', '/api/openapi', '/api/me.json', '/api/%00', '/api/..%2fme', '/api/[id]'];
  agree(unknown.flatMap((target) => ['GET', 'POST', 'PUT', 'OPTIONS', 'HEAD'].map((method) => ({ method, target, meets: UNKNOWN }))));
  const names = Object.keys(built.functions).map((name) => name.slice('api/'.length));
  agree(names.flatMap((name) => [`/api/${name}`, `/api/${name}/`, `/api/${name}/a/b/c/d`, `/api/${name}//`].map((target) => ({ target, meets: fn(name) }))));
  agree(['/api', '/apix', '/api?x=1'].map((target) => ({ target, meets: {} })));
});

test('the metadata of /api/mcp stands where programs look for it', () => {
  const target = '/.well-known/oauth-protected-resource/api/mcp';
  agree(['GET', 'HEAD', 'OPTIONS'].map((method) => ({ method, target, meets: fn('mcp') })));
  agree(['/.well-known', '/.well-known/oauth-protected-resource', `${target}x`].map((target) => ({ target, meets: {} })));
});

test('pages, files and what is not published', () => {
  const pages = { '/': 'index.html', '/agents': 'agents.html', '/docs/errors': 'docs/errors.html' };
  const files = ['openapi.json', 'style.css', 'front.css', 'agents.css', 'agents.js', 'status.js', 'icon.svg'];
  agree([
    ...Object.entries(pages).flatMap(([target, file]) => [target, `${target}?x=1`].map((target) => ({ target, meets: { file } }))),
    ...files.map((file) => ({ target: `/${file}`, meets: { file } })),
    { target: '/docs/errors/' },
    ...['/docs', '/nothing', '/404', '/Cargo.toml', '/Cargo.lock', '/vercel.json', '/README.md', '/.env', '/.cargo/config.toml', '/supabase/config.toml', '/..%2fCargo.toml'].map((target) => ({ target, meets: {} })),
  ]);
});

test('the screens of the console are one page, and what it is built of is published beside it', () => {
  const screens = ['sign-in', 'sign-up', 'reset', 'connected', 'dashboard', 'results', 'content', 'renders', 'calendar', 'channels', 'developer', 'operator', 'account'];
  const deep = ['results', 'content', 'renders', 'channels'].flatMap((screen) => [`/${screen}/${ID}`, `/${screen}/a/b`]);
  agree([...screens.flatMap((screen) => [`/${screen}`, `/${screen}?x=1`]), ...deep].map((target) => ({ target, meets: { file: 'console.html' } })));
  agree([{ target: '/app', meets: { redirect: '/dashboard', status: 308 } }]);
  agree(['/dashboard/', '/results/', '/dashboard/x', '/contents', '/app/x', '/assets', '/assets/nothing.js'].map((target) => ({ target })));
  const [asset] = built.files.filter((file) => /^assets\/.*\.js$/.test(file));
  agree([{ target: `/${asset}`, meets: { file: asset } }]);
  assert.match(table.meets({ target: `/${asset}` }).headers['cache-control'], /immutable/);
});

test('names of files lead to addresses without them', () => {
  const led = (redirect) => ({ redirect, status: 308 });
  agree([
    { target: '/index', meets: led('/') },
    { target: '/index.html', meets: led('/') },
    { target: '/agents.html', meets: led('/agents') },
    { target: '/docs/errors.html/', meets: led('/docs/errors') },
    { target: '/docs/index', meets: led('/docs') },
    { target: '/api/health.rs', meets: led('/api/health') },
    { target: '/api/health.rs/', meets: led('/api/health') },
    { target: '/api/nothing.rs', meets: led('/api/nothing') },
    { target: '/api/me/index', meets: led('/api/me') },
    { target: '/api/me/index.rs', meets: led('/api/me') },
  ]);
});

test('a visitor with a session cookie is led to the dashboard', () => {
  const visit = (cookie, meets) => ({ target: '/', headers: { cookie }, meets });
  const there = { redirect: '/dashboard', status: 307 };
  agree([
    visit('sb-abcdefghijklmnopqrst-auth-token=base64-eyJ9', there),
    visit('theme=dark; sb-abcdefghijklmnopqrst-auth-token.0=x; sb-abcdefghijklmnopqrst-auth-token.1=y', there),
    visit('theme=dark', { file: 'index.html' }),
    visit('sb-abc-auth-token-code-verifier=x', { file: 'index.html' }),
  ]);
});

test('any page of another origin may read the description of the API, and nothing else', () => {
  for (const target of ['/api/openapi.json', '/openapi.json']) {
    const { headers } = table.meets({ target });
    assert.equal(headers['access-control-allow-origin'], '*', target);
    assert.equal(headers['cache-control'], 'public, max-age=300', target);
    assert.equal(headers['x-content-type-options'], 'nosniff', target);
  }
  for (const { target } of declared(ID).filter(({ target }) => target !== '/api/openapi.json')) {
    assert.equal(table.meets({ target }).headers['access-control-allow-origin'], undefined, target);
  }
});
