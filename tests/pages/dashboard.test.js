// The dashboard as a creator meets it, on a stack of its own: run by `make pages`.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { barriers, browser, picture, watch } from './browser.js';

const { API_URL, SUPABASE_URL, FAKE_GOOGLE_URL, CRON_SECRET } = process.env;
assert.ok(API_URL && SUPABASE_URL && FAKE_GOOGLE_URL && CRON_SECRET, 'run this under `catalyst-dev exec`');

const credentials = { email: `${randomUUID()}@example.com`, password: randomUUID() };
// Slow machines take their time; what has to come, comes.
const PATIENCE = { timeout: 45_000 };

let context;
let page;
let seen;

before(async () => {
  const made = await fetch(`${FAKE_GOOGLE_URL}/_control/accounts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ account: 'creator', channel: { title: 'Bee Hours', generated: { videos: 60, seed: 5 } } }),
  });
  assert.ok(made.ok, await made.text());
  context = await browser.newContext({ colorScheme: 'light', viewport: { width: 1200, height: 900 } });
  page = await context.newPage();
  page.setDefaultTimeout(45_000);
  seen = watch(page);
});

after(async () => {
  await browser.close();
});

const shown = (id) => page.locator(`#${id}`).waitFor({ state: 'visible', ...PATIENCE });
const text = (id) => page.locator(`#${id}`).innerText();

const database = (statement) => execFileSync('psql', ['-v', 'ON_ERROR_STOP=1', '-qc', statement]);

async function fine() {
  assert.deepEqual(await barriers(page), []);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `the page is ${wide} pixels wider than its window`);
}

/** Works until the channel's videos are there, as the scheduler would. */
async function synchronised(token) {
  for (let tries = 0; tries < 240; tries++) {
    await fetch(`${API_URL}/api/cron/dispatch`, { method: 'POST', headers: { authorization: `Bearer ${CRON_SECRET}` } });
    const { items } = await (await fetch(`${API_URL}/api/channels`, { headers: { authorization: `Bearer ${token}` } })).json();
    if (items[0]?.sync.state === 'idle') return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  assert.fail('the channel was not synchronised');
}

const token = () =>
  page.evaluate(() => JSON.parse(Object.entries(localStorage).find(([key]) => key.endsWith('-auth-token'))[1]).access_token);

const videos = async () =>
  (await (await fetch(`${API_URL}/api/videos?limit=100`, { headers: { authorization: `Bearer ${await token()}` } })).json()).items;

test('a visitor is asked to sign in, and told when that does not work', async () => {
  await page.goto(`${API_URL}/dashboard`);
  await shown('entrance');
  await fine();
  await picture(page, 'entrance');
  await page.getByRole('button', { name: 'Sign in' }).click();
  assert.equal(await text('sign-in-problem'), 'Your e-mail address is missing.');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'address');
  await page.getByLabel('E-mail').fill(credentials.email);
  await page.getByLabel('Password').fill('wrong-password');
  await page.getByLabel('Password').press('Enter');
  await page.getByText('E-mail or password is wrong.').waitFor(PATIENCE);
  await fine();
});

test('a new account has no channel yet, and connects one', async () => {
  await page.getByLabel('E-mail').fill(credentials.email);
  await page.getByLabel('Password').fill(credentials.password);
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByText('No channel is connected yet.').waitFor(PATIENCE);
  await fine();
  await picture(page, 'no-channel');
  await page.getByRole('button', { name: 'Connect a YouTube channel' }).click();
  // Google's stand-in consents at once and leads back; the page there finishes and goes on.
  await page.waitForURL('**/dashboard?connected=*', { waitUntil: 'load', ...PATIENCE });
});

test('a consent that somebody else has started connects nothing, and its code stays nowhere', async () => {
  const planted = await context.newPage();
  await planted.goto(`${API_URL}/connected#state=planted&code=secret-code`);
  await planted.getByText('The channel was not connected').waitFor(PATIENCE);
  await planted.getByText('started by someone else').waitFor(PATIENCE);
  assert.equal(new URL(planted.url()).hash, '');
  assert.deepEqual(await barriers(planted), []);
  await picture(planted, 'not-connected');
  await planted.close();
});

test('the page of the consent says when nobody is signed in, and when there is nothing to do', async () => {
  const stranger = await (await browser.newContext()).newPage();
  await stranger.goto(`${API_URL}/connected#state=some&code=code`);
  await stranger.getByText('Sign in first').waitFor(PATIENCE);
  await stranger.goto(`${API_URL}/connected`);
  await stranger.reload();
  await stranger.getByText('Nothing to connect').waitFor(PATIENCE);
  await stranger.context().close();
});

test('scores stay hidden until the operator may show them', async () => {
  database("delete from private.settings where key = 'derived_metrics_accepted_at'");
  await page.goto(`${API_URL}/dashboard`);
  await shown('videos');
  await synchronised(await token());
  await page.reload();
  await page.getByText('Scores are hidden until').waitFor(PATIENCE);
  assert.equal(await page.locator('#chart').isVisible(), false);
  assert.equal(await page.locator('#rows tr').count(), (await videos()).length);
  await fine();
});

test('the chart shows every multiplier, each word in a form of its own', async () => {
  database("insert into private.settings (key, value) values ('derived_metrics_accepted_at', to_jsonb(now()))");
  // The browser may show the list that it just fetched for five seconds more.
  await (await context.newCDPSession(page)).send('Network.clearBrowserCache');
  await page.reload();
  await shown('chart');
  assert.equal(await text('channel-title'), 'Bee Hours');
  const measured = (await videos()).filter((video) => video.score?.multiplier != null);
  assert.ok(measured.length > 20, `${measured.length} videos have a multiplier`);
  const marks = page.locator('#plot .mark');
  assert.equal(await marks.count(), measured.length);

  const forms = new Map();
  for (const mark of await marks.all()) {
    const [label, path, name] = await Promise.all([mark.getAttribute('class'), mark.getAttribute('d'), mark.locator('title').textContent()]);
    forms.set(label, path.replaceAll(/[\d.-]+/g, '#'));
    assert.match(name, /: [\d.]+×, /);
  }
  assert.ok(forms.size > 1, [...forms.keys()].join());
  const marksOf = await page.evaluate(() => [...document.querySelectorAll('#legend li')].map((each) => each.textContent));
  assert.equal(marksOf.length, forms.size);
  const counted = marksOf.reduce((sum, each) => sum + Number(each.split(': ')[1]), 0);
  assert.equal(counted, measured.length);

  // The table says the same in words, so the picture is not the only way to it.
  const strongest = measured.reduce((a, b) => (a.score.multiplier > b.score.multiplier ? a : b));
  const line = page.locator('#rows tr', { hasText: strongest.title }).first();
  const times = strongest.score.multiplier >= 10 ? Math.round(strongest.score.multiplier) : strongest.score.multiplier.toFixed(1);
  assert.match(await line.innerText(), new RegExp(`${times}×`));
  assert.match(await page.locator('#plot svg').getAttribute('aria-label'), /above this channel's usual\. The strongest: /);
  assert.match(await text('chart-note'), /not a YouTube metric/);
  assert.match(await text('facts'), /Version/);
  await fine();
  await picture(page, 'dashboard-light');
});

test('dark, narrow and in forced colours it can be read as well', async () => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await fine();
  await picture(page, 'dashboard-dark');
  await page.setViewportSize({ width: 360, height: 740 });
  await fine();
  await picture(page, 'dashboard-narrow');
  await page.emulateMedia({ colorScheme: 'light', forcedColors: 'active' });
  await fine();
  await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none' });
  await page.setViewportSize({ width: 1200, height: 900 });
});

test('the keyboard reaches everything, beginning with the way past the header', async () => {
  await page.reload();
  await shown('chart');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  const reached = new Set();
  for (let presses = 0; presses < 12; presses++) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => document.activeElement.id));
  }
  assert.ok(reached.has('table'), [...reached].join());
});

test('while it waits it says so, and a failure can be tried again', async () => {
  assert.deepEqual(seen.complaints.filter((each) => !each.includes('400 (Bad Request)')), [], 'until here nothing was wrong');
  let hold;
  const held = new Promise((resolve) => (hold = resolve));
  await page.route('**/api/channels?*', async (route) => {
    await held;
    await route.continue();
  });
  await page.reload();
  await page.getByText('Looking for your channels…').waitFor(PATIENCE);
  await picture(page, 'waiting');
  hold();
  await shown('chart');
  await page.unroute('**/api/channels?*');

  const problem = { status: 503, contentType: 'application/problem+json', body: JSON.stringify({ code: 'unavailable', title: 'Unavailable', detail: 'The database is resting.' }) };
  await page.route('**/api/videos?*', (route) => route.fulfill(problem));
  await page.route('**/api/health', (route) => route.abort());
  await page.reload();
  await page.getByText('The database is resting.').waitFor(PATIENCE);
  await page.getByText('The service does not say how it is.').waitFor(PATIENCE);
  await fine();
  await picture(page, 'failed');
  await page.unroute('**/api/videos?*');
  await page.unroute('**/api/health');
  await page.locator('#videos-state').getByRole('button', { name: 'Try again' }).click();
  await shown('chart');
});

test('whoever is signed in is led from the front page to the dashboard, and nobody else', async () => {
  await page.goto(`${API_URL}/`);
  assert.equal(new URL(page.url()).pathname, '/dashboard');
  await shown('chart');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await shown('entrance');
  await page.goto(`${API_URL}/`);
  assert.equal(new URL(page.url()).pathname, '/');
  await fine();
  await picture(page, 'front');
});

test('a session that has ended leads back to the entrance', async () => {
  await page.goto(`${API_URL}/dashboard`);
  await shown('entrance');
  await page.getByLabel('E-mail').fill(credentials.email);
  await page.getByLabel('Password').fill(credentials.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await shown('chart');
  await page.route('**/api/channels?*', (route) =>
    route.fulfill({ status: 401, contentType: 'application/problem+json', body: JSON.stringify({ code: 'token_invalid', title: 'Invalid token' }) }),
  );
  await page.reload();
  await shown('entrance');
  await page.getByText('Your session has ended.').waitFor(PATIENCE);
  await page.unroute('**/api/channels?*');
});

test('nothing is asked of anybody but this service and its Supabase project', () => {
  const known = new Set([new URL(API_URL).origin, new URL(SUPABASE_URL).origin]);
  assert.deepEqual([...seen.origins].filter((origin) => !known.has(origin)), []);
});
