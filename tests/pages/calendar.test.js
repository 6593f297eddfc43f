// The calendar when it gets difficult: clocks that change, two tabs, a network that fails, a button that is pressed twice.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { consent, dispatch, until } from '../../sdk/test/world.js';
import { browser, picture } from './browser.js';
import { API_URL, fine, heading, newCredentials, PATIENCE, signIn, signUp, visitor } from './console.js';

const credentials = newCredentials();
let token;
let channel;
let upload;
let page;

async function call(method, path, body, headers = {}) {
  const response = await fetch(`${API_URL}/api${path}`, { method, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers }, body: body && JSON.stringify(body) });
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${await response.clone().text()}`);
  return response.status === 204 ? undefined : response.json();
}

// Somebody may ask a hundred times a minute, and the page asks too.
const RARELY = 1000;

before(async () => {
  token = await signUp(credentials);
  const { authorization_url } = await call('POST', '/channels/connect', {});
  const { state, code } = await consent(authorization_url);
  channel = await call('POST', '/channels/connect/finish', { state, code });
  await until('the synchronisation', () => call('GET', `/channels/${channel.id}`), ({ sync }) => sync.state === 'idle', RARELY);
  const script = await call('POST', '/generate/script', { channel_id: channel.id, topic: 'Honey', target_seconds: 60 });
  await call('PATCH', `/content/${script.id}`, { decision: 'approve', content_hash: script.content_hash });
  const render = await call('POST', '/video/render', { content_id: script.id });
  await until('the render', () => call('GET', `/video/${render.id}`), ({ state }) => state === 'ready', RARELY);
  await inZone('Europe/Berlin');
  upload = await call('POST', '/schedule', { render_id: render.id, title: 'Honey never spoils', made_for_kids: false, altered_content: true, local_time: '2027-03-26T18:00', time_zone: 'Europe/Berlin' });
  await until('the upload', () => call('GET', `/schedule/${upload.id}`), ({ state }) => state === 'on_youtube', RARELY);
  page = await visitor();
  await page.goto(`${API_URL}/calendar`);
  await signIn(page, credentials);
  await heading(page, 'Calendar');
});

after(async () => {
  await browser.close();
});

const inZone = (zone) => call('PATCH', `/channels/${channel.id}`, { time_zone: zone });
const now = () => call('GET', `/schedule/${upload.id}`);

async function open(on, day, more = '') {
  await on.goto(`${API_URL}/calendar?view=week&day=${day}${more}`);
  await on.getByText('Honey never spoils').first().waitFor(PATIENCE);
}

for (const [zone, at, from, to, day, expected] of [
  ['Europe/Berlin', '2027-03-26T18:00', '2027-03-26', /^Drop on Sunday,? 28 March 2027$/, '2027-03-28', '2027-03-28T16:00:00Z'],
  ['America/New_York', '2027-03-12T18:00', '2027-03-12', /^Drop on Sunday,? 14 March 2027$/, '2027-03-14', '2027-03-14T22:00:00Z'],
]) {
  test(`dragged with the keyboard onto the day on which ${zone} changes its clocks, it keeps its time of day`, async () => {
    await inZone(zone);
    await call('PATCH', `/schedule/${upload.id}`, { local_time: at, time_zone: zone });
    await open(page, from);
    await page.locator(`[data-day="${day}"]`).getByText('23 hours').waitFor(PATIENCE);
    await fine(page);
    await picture(page, `console-clocks-${zone.split('/')[1]}`);
    await page.getByRole('button', { name: /^Drag Honey/ }).focus();
    await page.keyboard.press('Enter');
    const target = page.getByRole('button', { name: to });
    const isThere = () => target.evaluate((element) => element === document.activeElement);
    for (let days = 0; days < 14 && !(await isThere()); days++) await page.keyboard.press('Tab');
    assert.ok(await isThere(), `Tab does not lead to ${to}`);
    await page.keyboard.press('Enter');
    await page.getByText(/^Moved to .*18:00/).waitFor(PATIENCE);
    assert.equal(Date.parse((await now()).publish_at), Date.parse(expected));
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText(/^Back on/).waitFor(PATIENCE);
    assert.equal((await now()).local_time.slice(0, 16), at);
  });
}

test('two tabs that move one video lose neither version', async () => {
  await open(page, '2027-03-12', `&upload=${upload.id}`);
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Move to…' }).click();
  await dialog.getByLabel(/Day and time in/).fill('2027-03-13T10:00');
  // The other tab is quicker.
  await call('PATCH', `/schedule/${upload.id}`, { local_time: '2027-03-15T20:00', time_zone: 'America/New_York' });
  await dialog.getByRole('button', { name: 'Move it' }).click();
  const both = page.getByRole('dialog', { name: 'It was changed meanwhile' });
  await both.getByRole('row', { name: /Goes out/ }).waitFor(PATIENCE);
  await fine(page);
  await picture(page, 'console-both-versions');
  const row = await both.getByRole('row', { name: /Goes out/ }).innerText();
  assert.match(row, /13 Mar.*10:00[^]*15 Mar.*20:00/);
  await both.getByRole('button', { name: 'Keep mine' }).click();
  await page.getByText(/^Moved to 13 Mar/).waitFor(PATIENCE);
  assert.equal((await now()).local_time.slice(0, 16), '2027-03-13T10:00');
});

test('what was typed is still there after 429, 503 and no network at all', async () => {
  const words = 'Bees that never come back';
  await page.goto(`${API_URL}/content`);
  await page.getByLabel('Subject (left open when empty)').fill(words);
  const problem = (status, code, detail) => ({ status, contentType: 'application/problem+json', headers: { 'retry-after': '40' }, body: JSON.stringify({ type: 'about:blank', title: code, status, code, detail, retryable: true, request_id: 'r' }) });
  for (const [answer, seen] of [
    [(route) => route.fulfill(problem(429, 'rate_limited', 'Wait 40 seconds.')), 'Too many requests.'],
    [(route) => route.fulfill(problem(503, 'database_unavailable', 'The database does not answer.')), 'The database does not answer.'],
    [(route) => route.abort(), 'The service cannot be reached.'],
  ]) {
    await page.route('**/api/generate/**', answer);
    await page.getByRole('button', { name: 'Write ideas' }).click();
    await page.getByRole('alert').getByText(seen).first().waitFor(PATIENCE);
    assert.equal(await page.getByLabel('Subject (left open when empty)').inputValue(), words);
    await fine(page);
    await page.unroute('**/api/generate/**');
  }
  await page.goBack();
  await page.goForward();
  assert.equal(await page.getByLabel('Subject (left open when empty)').inputValue(), words);
  await page.reload();
  assert.equal(await page.getByLabel('Subject (left open when empty)').inputValue(), words);
});

test('pressed twice, it is written once', async () => {
  const before = (await call('GET', '/content?limit=100')).items.length;
  await page.getByRole('button', { name: 'Write ideas' }).dblclick();
  await page.waitForURL('**/content/*', PATIENCE);
  await dispatch();
  assert.equal((await call('GET', '/content?limit=100')).items.length, before + 1);
});

test('offline, the last state is shown with its age, and nothing is queued', async () => {
  await page.goto(`${API_URL}/dashboard`);
  await page.getByText('Honey never spoils').first().waitFor(PATIENCE);
  await page.context().setOffline(true);
  await page.getByText(/You are offline\. This is how it was/).waitFor(PATIENCE);
  await page.getByText('Honey never spoils').first().waitFor(PATIENCE);
  await fine(page);
  await picture(page, 'console-offline');
  await page.context().setOffline(false);
});
