// The page on which people let programs act for them: run by `make pages`.

import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { barriers, browser, picture, watch } from './browser.js';

const { API_URL, SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY } = process.env;
assert.ok(API_URL && SUPABASE_URL && SUPABASE_PUBLISHABLE_KEY, 'run this under `catalyst-dev exec`');

const PATIENCE = { timeout: 45_000 };
const NAME = '<img src=x onerror="document.title=1"> Claude';
const credentials = { email: `${randomUUID()}@example.com`, password: randomUUID() };

let page;
let seen;
let token;
let program;
let callback;
const arrived = [];
const listener = createServer((request, reply) => {
  if (request.url.startsWith('/callback')) arrived.push(request.url);
  reply.setHeader('content-type', 'text/html').end('<!doctype html><title>The program</title><p>Back in the program.</p>');
});

const post = async (url, body, headers = {}) => {
  const reply = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
  assert.ok(reply.ok, `${url}: ${reply.status}`);
  return reply.json();
};

before(async () => {
  await new Promise((done) => listener.listen(0, '127.0.0.1', done));
  callback = `http://127.0.0.1:${listener.address().port}/callback`;
  const session = await post(`${SUPABASE_URL}/auth/v1/signup`, credentials, { apikey: SUPABASE_PUBLISHABLE_KEY });
  token = session.access_token;
  assert.ok((await fetch(`${API_URL}/api/me`, { headers: { authorization: `Bearer ${token}` } })).ok);
  const registration = { client_name: NAME, redirect_uris: [callback], token_endpoint_auth_method: 'none' };
  program = await post(`${SUPABASE_URL}/auth/v1/oauth/clients/register`, registration);
  const context = await browser.newContext({ colorScheme: 'light', viewport: { width: 1000, height: 1100 } });
  page = await context.newPage();
  page.setDefaultTimeout(45_000);
  seen = watch(page);
});

after(async () => {
  listener.close();
  await browser.close();
});

/** Where the program sends the browser. */
const asking = () => {
  const code_challenge = createHash('sha256').update(randomBytes(32)).digest('base64url');
  const asked = { client_id: program.client_id, redirect_uri: callback, response_type: 'code', state: 'the state', code_challenge, code_challenge_method: 'S256' };
  return `${SUPABASE_URL}/auth/v1/oauth/authorize?${new URLSearchParams(asked)}`;
};

/** The page without barriers and without a second way to scroll: in light, in dark, and on a telephone. */
async function shown(name) {
  for (const [kind, colorScheme, width] of [['light', 'light', 1000], ['dark', 'dark', 1000], ['narrow', 'light', 360]]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 1100 });
    assert.deepEqual(await barriers(page), [], `${name}, ${kind}`);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), `${name}, ${kind}: it is wider than the screen`);
    await picture(page, `agents-${name}-${kind}`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1000, height: 1100 });
}

test('who is not signed in signs in, and sees who asks and where the access goes, to the letter', async () => {
  await page.goto(asking());
  await page.locator('#entrance').waitFor({ state: 'visible', ...PATIENCE });
  assert.deepEqual(await barriers(page), []);
  await page.getByLabel('E-mail').fill(credentials.email);
  await page.getByLabel('Password').fill(credentials.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('#consent').waitFor({ state: 'visible', ...PATIENCE });
  assert.equal(await page.locator('#program').innerText(), NAME, 'a name is text, never markup');
  assert.equal(await page.locator('#redirect').innerText(), callback);
  assert.equal(await page.locator('#person').innerText(), credentials.email);
  assert.match(await page.locator('#consent').innerText(), /unverified/i);
  await shown('consent');
});

test('a refusal goes back to the program without access', async () => {
  await page.getByRole('button', { name: 'Refuse' }).click();
  await page.getByText('Back in the program.').waitFor(PATIENCE);
  const answer = new URL(arrived.pop(), callback);
  assert.equal(answer.searchParams.get('error'), 'access_denied');
  assert.equal(answer.searchParams.get('code'), null);
});

test('a consent goes to the address that was shown, with a code', async () => {
  await page.goto(asking());
  await page.getByRole('button', { name: 'Let it read' }).click();
  await page.getByText('Back in the program.').waitFor(PATIENCE);
  const answer = new URL(arrived.pop(), callback);
  assert.ok(answer.searchParams.get('code'));
  assert.equal(answer.searchParams.get('state'), 'the state');
});

test('what a program may do is off, is allowed with a cap, and ends', async () => {
  await page.goto(`${API_URL}/agents`);
  await page.locator('.program').waitFor({ state: 'visible', ...PATIENCE });
  assert.equal(await page.locator('.program h2').innerText(), NAME);
  const [spend, publish] = [page.getByLabel('It may spend'), page.getByLabel('It may schedule')];
  assert.deepEqual([await spend.isChecked(), await publish.isChecked()], [false, false]);
  await publish.check();
  await page.getByLabel('Uploads within 24 hours').fill('2');
  await page.getByLabel('US dollars').fill('0.25');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor(PATIENCE);
  const headers = { authorization: `Bearer ${token}` };
  const allowed = await (await fetch(`${API_URL}/api/me/agents/${program.client_id}`, { headers })).json();
  assert.deepEqual(
    [allowed.may_spend, allowed.may_publish, allowed.daily_publications, allowed.daily_cost_micros], [false, true, 2, 250_000],
  );
  await page.getByLabel('US dollars').fill('-1');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('US dollars for texts within 24 hours: 0 to 1,000.').waitFor(PATIENCE);
  await shown('programs');
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await page.getByText('The program is disconnected.').waitFor(PATIENCE);
  const ended = await (await fetch(`${API_URL}/api/me/agents/${program.client_id}`, { headers })).json();
  assert.deepEqual([ended.may_spend, ended.may_publish], [false, false]);
});

test('a request that is over is said to be', async () => {
  await page.goto(`${API_URL}/agents?authorization_id=made-up`);
  await page.getByText('This request of a program is over.').waitFor(PATIENCE);
});

test('the page asked this deployment and its project only, and broke no rule of its policy', () => {
  const [app, project, back] = [API_URL, SUPABASE_URL, callback].map((url) => new URL(url).origin);
  assert.deepEqual([...seen.origins].filter((origin) => ![app, project, back].includes(origin)), []);
  // A request that is over is answered with 404, which the browser notes.
  assert.deepEqual(seen.complaints.filter((text) => !text.includes('404')), []);
});
