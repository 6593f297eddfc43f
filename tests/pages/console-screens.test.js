// The console's other screens with a synchronised channel, as its owner and as an operator: what each shows, light and dark, wide and
// narrow, in English and German. Run by `make pages`; every screen leaves pictures.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { browser, output, picture, watch } from './browser.js';
import { API_URL, CRON_SECRET, FAKE_GOOGLE_URL, fine, heading, PATIENCE, step, SUPABASE_PUBLISHABLE_KEY, SUPABASE_URL, visitor } from './console.js';

const { SUPABASE_SECRET_KEY } = process.env;
const VIDEOS = Number(process.env.VIDEOS ?? 160);

let page;
let seen;
let channel;
let session;

async function call(method, address, body, headers) {
  const response = await fetch(address, { method, headers: { 'content-type': 'application/json', ...headers }, body: body && JSON.stringify(body), redirect: 'manual' });
  assert.ok(response.status < 400, `${method} ${address}: ${response.status} ${await response.clone().text()}`);
  return response;
}

const auth = async (method, path, body, apikey) => (await call(method, `${SUPABASE_URL}/auth/v1/${path}`, body, { apikey })).json();

const api = async (method, path, body) => {
  const response = await call(method, `${API_URL}/api/${path}`, body, { authorization: `Bearer ${session.access_token}`, 'idempotency-key': randomUUID() });
  return response.status === 204 ? undefined : response.json();
};

/** A new user whom the deployment knows as its operator. */
async function operator() {
  const fresh = await auth('POST', 'signup', { email: `${randomUUID()}@example.com`, password: randomUUID() }, SUPABASE_PUBLISHABLE_KEY);
  await auth('PUT', `admin/users/${fresh.user.id}`, { app_metadata: { role: 'admin' } }, SUPABASE_SECRET_KEY);
  return auth('POST', 'token?grant_type=refresh_token', { refresh_token: fresh.refresh_token }, SUPABASE_PUBLISHABLE_KEY);
}

/** A channel of theirs, through Google's consent. */
async function connected() {
  const account = `screens-${randomUUID()}`;
  await call('POST', `${FAKE_GOOGLE_URL}/_control/accounts`, { account, channel: { title: 'Bee Hours', generated: { videos: VIDEOS, seed: 5 } } });
  const { authorization_url } = await api('POST', 'channels/connect', {});
  const google = await call('GET', `${authorization_url}&login_hint=${account}`);
  const { state, code } = Object.fromEntries(new URL(google.headers.get('location')).searchParams);
  return api('POST', 'channels/connect/finish', { state, code });
}

/** Works until the channel's videos are there and compared, as the scheduler would. */
async function synchronised() {
  for (let tries = 0; tries < 600; tries++) {
    await fetch(`${API_URL}/api/cron/dispatch`, { method: 'POST', headers: { authorization: `Bearer ${CRON_SECRET}` } });
    if (tries % 4 === 3) {
      const [now] = (await api('GET', 'channels')).items;
      const [video] = (await api('GET', 'videos?limit=1')).items;
      if (now.sync.state === 'idle' && video?.score) return now;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return assert.fail('the channel was not synchronised');
}

const KEPT = `sb-${new URL(SUPABASE_URL).hostname.split('.')[0]}-auth-token`;
const PIXELS = '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="180"><rect width="320" height="180" fill="#8aa"/></svg>';

/** A browser in which the operator is signed in. */
async function opened() {
  const fresh = await visitor();
  // YouTube's pictures are not asked for.
  await fresh.context().route(/ytimg|ggpht|googleusercontent/, (route) => route.fulfill({ contentType: 'image/svg+xml', body: PIXELS }));
  await fresh.goto(`${API_URL}/sign-in`);
  await fresh.evaluate(([key, kept]) => localStorage.setItem(key, kept), [KEPT, JSON.stringify(session)]);
  return fresh;
}

before(async () => {
  session = await operator();
  await connected();
  channel = await synchronised();
  page = await opened();
  seen = watch(page);
});

after(async () => {
  await browser.close();
});

test('the results show every video against the channel, and narrow them by word, label and format in the address', async () => {
  await page.goto(`${API_URL}/results`);
  await heading(page, 'Results');
  await page.getByRole('heading', { level: 2, name: `${VIDEOS} videos` }).waitFor(PATIENCE);
  await step(page, 'results');

  const chart = page.getByRole('group', { name: /Videos by their day/ });
  await chart.locator('a[tabindex="0"]').focus();
  const last = await page.evaluate(() => document.activeElement.getAttribute('aria-label'));
  await page.keyboard.press('ArrowLeft');
  await page.waitForFunction((before) => document.activeElement.getAttribute('aria-label') !== before, last);
  await picture(page, 'console-results-focus');

  await page.getByRole('button', { name: /^Usual/ }).click();
  await page.waitForURL(/label=typical/);
  await page.getByLabel('Format', { exact: true }).selectOption('long');
  await page.waitForURL(/format=long/);
  const narrowed = page.url();
  await page.getByLabel('Title', { exact: true }).fill('no video is called that');
  await page.getByText('Nothing fits').waitFor(PATIENCE);
  await fine(page);
  await page.getByRole('button', { name: 'Show all' }).first().click();
  await page.getByRole('heading', { level: 2, name: `${VIDEOS} videos` }).waitFor(PATIENCE);
  await page.goto(narrowed);
  await page.getByRole('button', { name: /^Usual/, pressed: true }).waitFor(PATIENCE);
  await page.getByRole('button', { name: 'Show all' }).click();
});

test('a video shows its curve, the reason and the videos it was compared with', async () => {
  const { items } = await api('GET', 'videos?sort=score&limit=1');
  await page.goto(`${API_URL}/results/${items[0].id}`);
  await heading(page, items[0].title);
  await page.getByRole('heading', { level: 2, name: /Compared with/ }).waitFor(PATIENCE);
  await step(page, 'video');
  await page.goto(`${API_URL}/results/${randomUUID()}`);
  await page.getByText('It is not there, or not yours to see.').waitFor(PATIENCE);
  await fine(page);
});

test('a channel shows its state and what it may do, and two changes that meet are both kept', async () => {
  await page.goto(`${API_URL}/channels`);
  await heading(page, 'Channels');
  await page.getByRole('link', { name: 'Bee Hours' }).waitFor(PATIENCE);
  await step(page, 'channels');

  await page.getByRole('link', { name: 'Bee Hours' }).click();
  await heading(page, 'Bee Hours');
  await page.getByRole('button', { name: 'Add a slot' }).waitFor(PATIENCE);
  await step(page, 'channel');
  await page.getByLabel('Topics to avoid').fill('wasps');
  await page.getByLabel('Tone').fill('calm');
  // Somebody else is quicker.
  await api('PATCH', `channels/${channel.id}`, { banned_topics: ['hornets'], minimum_gap_minutes: 120 });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Somebody has changed these settings').waitFor(PATIENCE);
  await page.getByRole('radio', { name: /Theirs\s*hornets/ }).waitFor(PATIENCE);
  assert.equal(await page.getByLabel('Minutes between two publications').inputValue(), '120');
  assert.equal(await page.getByLabel('Tone').inputValue(), 'calm');
  await fine(page);
  await picture(page, 'console-channel-clash');
  await page.getByRole('radio', { name: /Theirs\s*hornets/ }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Everything is saved.').waitFor(PATIENCE);
  const stored = await api('GET', `channels/${channel.id}`);
  assert.deepEqual([stored.banned_topics, stored.minimum_gap_minutes, stored.brand_voice.register], [['hornets'], 120, 'calm']);

  await page.getByLabel('Minutes between two publications').fill('99999');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('[aria-invalid="true"]').waitFor(PATIENCE);
  await fine(page);
  await page.getByRole('button', { name: 'Undo my changes' }).click();

  await page.getByRole('button', { name: 'Disconnect…' }).click();
  await page.getByRole('dialog').getByText('The permission at Google ends.').waitFor(PATIENCE);
  await page.getByRole('button', { name: 'Disconnect and erase' }).click();
  await page.getByText('This is not the same.').waitFor(PATIENCE);
  await fine(page);
  await picture(page, 'console-channel-disconnect');
  await page.getByRole('button', { name: 'Keep it' }).click();
});

test('a developer makes an endpoint, sees its secret once, and finds the delivery', async () => {
  await page.goto(`${API_URL}/developer`);
  await heading(page, 'Developer');
  await page.getByRole('button', { name: 'Add an endpoint' }).click();
  await page.getByLabel('Address', { exact: true }).fill('http://example.com/hook');
  await page.getByRole('button', { name: 'Add it' }).click();
  await page.locator('[aria-invalid="true"]').waitFor(PATIENCE);
  await fine(page);
  await picture(page, 'console-developer-new');
  await page.getByLabel('Address', { exact: true }).fill('https://example.com/hook');
  await page.getByRole('checkbox', { name: 'render.ready' }).check();
  await page.getByRole('button', { name: 'Add it' }).click();
  await page.getByText(/^whsec_/).waitFor(PATIENCE);
  await fine(page);
  await page.getByRole('button', { name: 'I have it' }).click();
  await page.getByRole('button', { name: 'Send a ping' }).click();
  await page.locator('summary', { hasText: 'ping' }).first().click();
  await page.getByText('webhook-id:').waitFor(PATIENCE);
  await page.getByRole('button', { name: 'New secret…' }).click();
  await fine(page);
  await page.getByRole('button', { name: 'Make a new secret' }).click();
  await page.getByText(/^whsec_/).waitFor(PATIENCE);
  await page.getByRole('button', { name: 'I have it' }).click();
  await step(page, 'developer');
});

test('an operator sees how the deployment is', async () => {
  await page.goto(`${API_URL}/operator`);
  await heading(page, 'Operator');
  await page.getByRole('heading', { level: 2, name: 'Requests in 24 hours' }).waitFor(PATIENCE);
  await page.getByRole('heading', { level: 2, name: 'Outside services, in 24 hours' }).waitFor(PATIENCE);
  await step(page, 'operator');
});

test('the account shows what was used, is changed and taken out', async () => {
  await page.goto(`${API_URL}/account`);
  await heading(page, 'Account');
  await page.getByText('None may spend or publish for you.').waitFor(PATIENCE);
  await step(page, 'account');
  await page.getByLabel('Name', { exact: true }).fill('Ada');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor(PATIENCE);
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Take out everything' }).click()]);
  assert.match(file.suggestedFilename(), /^content-catalyst-.*\.ndjson$/);
  await page.getByRole('button', { name: 'Erase my account…' }).click();
  await page.getByRole('button', { name: 'Erase everything' }).click();
  await page.getByText('This is not the same.').waitFor(PATIENCE);
  await fine(page);
  await page.getByRole('button', { name: 'Keep it' }).click();
});

test('without a network the last state stays, dated, and nothing is changed', async () => {
  await page.goto(`${API_URL}/results`);
  await page.getByRole('heading', { level: 2, name: `${VIDEOS} videos` }).waitFor(PATIENCE);
  await page.context().setOffline(true);
  await page.getByText('You are offline.').waitFor(PATIENCE);
  await page.getByRole('heading', { level: 2, name: `${VIDEOS} videos` }).waitFor(PATIENCE);
  await fine(page);
  await page.context().setOffline(false);
});

test('all of it speaks German', async () => {
  await page.evaluate(() => localStorage.setItem('catalyst.language', 'de'));
  for (const [path, title] of [['results', 'Ergebnisse'], [`channels/${channel.id}`, 'Bee Hours'], ['developer', 'Entwickler'], ['operator', 'Betrieb'], ['account', 'Konto']]) {
    await page.goto(`${API_URL}/${path}`);
    await heading(page, title);
    await page.getByRole('heading', { level: 2 }).first().waitFor(PATIENCE);
    await fine(page);
    await picture(page, `console-${path.split('/')[0]}-de`);
  }
});

test('6,557 videos are scrolled and filtered without anybody having to wait', async (t) => {
  const { items } = await api('GET', 'videos?limit=1');
  const words = ['honey', 'hive', 'queen', 'swarm', 'smoke'];
  const all = Array.from({ length: 6557 }, (_, n) => ({
    ...items[0],
    id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    title: `${words[n % 5]} number ${n}`,
    published_at: new Date(Date.UTC(2026, 10, 1) - n * 6 * 3_600_000).toISOString(),
    score: { ...items[0].score, label: n % 40 === 0 ? 'outlier' : 'typical', multiplier: n % 40 === 0 ? 5 + (n % 7) : 0.6 + (n % 9) / 10 },
  }));
  await page.route(/\/api\/videos\?/, (route) => {
    const from = Number(new URL(route.request().url()).searchParams.get('cursor') ?? 0);
    const next = from + 100 < all.length ? String(from + 100) : null;
    return route.fulfill({ json: { items: all.slice(from, from + 100), next_cursor: next } });
  });
  await page.evaluate(() => {
    localStorage.setItem('catalyst.language', 'en');
    indexedDB.deleteDatabase('catalyst');
  });
  await page.goto(`${API_URL}/results`);
  await page.getByRole('heading', { level: 2, name: /^6,557/ }).waitFor(PATIENCE);
  await page.locator('[role=status]', { hasText: 'loaded' }).waitFor({ state: 'detached', ...PATIENCE });
  const long = await page.evaluate(async () => {
    const tasks = [];
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
    for (let n = 1; n <= 60; n++) {
      scrollTo(0, (document.documentElement.scrollHeight * n) / 60);
      await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    }
    scrollTo(0, 0);
    return tasks.map(Math.round);
  });
  t.diagnostic(`long tasks while scrolling, in milliseconds: ${long.join(', ') || 'none'}`);
  const took = await page.evaluate(async () => {
    const field = document.querySelector('input[type=search]');
    const write = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
    const times = [];
    for (const word of ['queen', 'honey', 'swarm', 'smoke', 'hive']) {
      const before = performance.now();
      write.call(field, word);
      field.dispatchEvent(new Event('input', { bubbles: true }));
      while (!document.querySelector('ul[aria-labelledby=videos] li')?.textContent.includes(word)) await new Promise(requestAnimationFrame);
      times.push(Math.round(performance.now() - before));
    }
    return times;
  });
  t.diagnostic(`a filter shows after, in milliseconds: ${took.join(', ')}`);
  // 100 ms on a machine of its own; here others work as well.
  assert.ok(Math.min(...took) <= 150, took.join());
  assert.ok(long.every((each) => each < 250), long.join());
  await fine(page);
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: `${output}console-results-6557.png` });
  await page.unroute(/\/api\/videos\?/);
  await page.evaluate(() => void indexedDB.deleteDatabase('catalyst'));
});

test('the pages asked this deployment and its project only, and broke no rule of their policy', () => {
  const known = [API_URL, SUPABASE_URL].map((url) => new URL(url).origin);
  assert.deepEqual([...seen.origins].filter((origin) => !known.includes(origin) && !/ytimg|ggpht|googleusercontent/.test(origin)), []);
  // What is refused on purpose is noted by the browser as well.
  assert.deepEqual(seen.complaints.filter((text) => !/status of (404|412|422)|ERR_INTERNET_DISCONNECTED/.test(text)), []);
});
