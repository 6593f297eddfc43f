// The example as its user meets it, in Chromium: the parts of this file follow each other.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Catalyst } from 'content-catalyst-sdk';
import { chromium } from 'playwright-core';
import { consent, until, url } from '../../../sdk/test/world.js';
import { site, start, stop } from './next.js';

const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path && existsSync(path));
const PATIENCE = 45_000;
const COOKIE = 'cce-session';
let browser;
let context;
let page;
let channel;
const complaints = [];

before(async () => {
  await start();
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking'] });
  context = await browser.newContext();
  page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
});

after(async () => {
  await browser?.close();
  await stop();
});

/** What the cookie holds, as `@supabase/ssr` writes it: in pieces when it is long. */
async function session() {
  const cookies = await context.cookies();
  const pieces = cookies.filter(({ name }) => /^cce-session(\.\d+)?$/.test(name)).sort((a, b) => a.name.localeCompare(b.name));
  assert.ok(pieces.length > 0, 'there is no session');
  return JSON.parse(Buffer.from(pieces.map(({ value }) => value).join('').replace('base64-', ''), 'base64url'));
}

const api = new Catalyst({ url, token: async () => (await session()).access_token });
const items = (label) => page.getByRole('list', { name: label }).getByRole('listitem');
const alert = () => page.getByRole('main').getByRole('alert').innerText();

test('who has not signed in is asked to, and told what is wrong', async () => {
  await page.goto(site);
  await page.waitForURL(`${site}/sign-in`);
  await page.getByLabel('E-mail').fill(`${randomUUID()}@example.com`);
  await page.getByLabel('Password').fill('not-known');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Invalid login credentials').waitFor();
});

test('somebody signs up, and the session survives a reload', async () => {
  await page.getByLabel('E-mail').fill(`${randomUUID()}@example.com`);
  await page.getByLabel('Password').fill(randomUUID());
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.getByText('No videos yet').waitFor();
  await page.reload();
  await page.getByText('No videos yet').waitFor();
});

test('videos of a connected channel are listed by the server', async () => {
  const { data } = await api.connectChannel({ body: {} });
  const { state, code } = await consent(data.authorization_url);
  channel = (await api.finishConnection({ body: { state, code } })).data;
  await until('the synchronisation', () => api.getChannel({ path: { id: channel.id } }), ({ data }) => data.sync.state === 'idle');
  await page.reload();
  await items('Videos').first().waitFor();
  assert.equal(await items('Videos').count(), 10);
});

test('an expired access token is renewed on the way', async () => {
  const old = await session();
  const { access_token } = await (
    await fetch(`${process.env.SUPABASE_URL}/_control/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sub: old.user.id, exp: Math.floor(Date.now() / 1000) - 60 }),
    })
  ).json();
  const expired = { ...old, access_token, expires_at: Math.floor(Date.now() / 1000) - 60 };
  await context.clearCookies();
  await context.addCookies([{ name: COOKIE, value: `base64-${Buffer.from(JSON.stringify(expired)).toString('base64url')}`, url: site }]);
  await page.reload();
  await items('Videos').first().waitFor();
  const renewed = await session();
  assert.notEqual(renewed.access_token, access_token);
  assert.ok(renewed.expires_at > Date.now() / 1000);
});

test('a forged token is nobody\'s', async () => {
  const kept = await context.cookies();
  const real = await session();
  const [header, , signature] = real.access_token.split('.');
  const forged = [header, Buffer.from(JSON.stringify({ sub: randomUUID(), role: 'authenticated', exp: 4e9 })).toString('base64url'), signature].join('.');
  await context.clearCookies();
  await context.addCookies([{ name: COOKIE, value: `base64-${Buffer.from(JSON.stringify({ ...real, access_token: forged })).toString('base64url')}`, url: site }]);
  await page.goto(site);
  await page.waitForURL(`${site}/sign-in`);
  await context.clearCookies();
  await context.addCookies(kept);
});

test('a script is written, and its stages are seen', async () => {
  await page.goto(`${site}/generate`);
  await page.getByLabel('Topic').fill('Honey never spoils');
  await page.getByRole('button', { name: 'Write a script' }).click();
  await page.locator('pre').waitFor();
  const stages = await items('Stages').allInnerTexts();
  assert.deepEqual([stages[0], stages.at(-1)], ['started', 'content']);
  assert.ok(stages.includes('writing'), String(stages));
  assert.match(await page.locator('pre').innerText(), /"hook"/);
});

test('the API is asked from the browser itself', async () => {
  await page.goto(`${site}/direct`);
  await items('Channels').first().waitFor();
  assert.equal(await items('Channels').first().innerText(), channel.title);
});

test('a webhook of a schedule arrives, and a forged one does not', async () => {
  const hook = `${site}/api/webhooks/cce`;
  const { data: endpoint } = await api.createEndpoint({ body: { url: hook, events: ['upload.scheduled'] } });
  await start({ CCE_WEBHOOK_SECRET: endpoint.secret });

  const { data: list } = await api.listContent({ query: { channel_id: channel.id, kind: 'script' } });
  const { data: script } = await api.getContent({ path: { id: list.items[0].id } });
  await api.updateContent({ path: { id: script.id }, body: { decision: 'approve', content_hash: script.content_hash } });
  const { data: render } = await api.createRender({ body: { content_id: script.id } });
  await until('the render', () => api.getRender({ path: { id: render.id } }), ({ data }) => data.state === 'ready');

  await page.goto(`${site}/schedule`);
  await page.getByLabel('Title').fill('Honey never spoils');
  await page.getByLabel('Time').fill('2020-01-01T00:00:00Z');
  await page.getByRole('button', { name: 'Schedule' }).click();
  await page.getByText('publish_time_past').waitFor();
  assert.match(await alert(), /^publish_time_past: /);
  assert.equal(await page.getByLabel('Title').inputValue(), 'Honey never spoils');
  await page.getByLabel('Time').fill(new Date(Date.now() + 40 * 86_400_000).toISOString());
  await page.getByRole('button', { name: 'Schedule' }).click();
  await page.getByText('Scheduled.').waitFor();
  await items('Uploads').first().waitFor();
  assert.match(await items('Uploads').first().innerText(), /^Honey never spoils: scheduled/);

  const shown = async () => {
    await page.goto(`${site}/events`);
    return items('Events').allInnerTexts();
  };
  await until('the event', shown, (events) => events.length > 0);
  assert.deepEqual(await shown(), ['upload.scheduled']);

  const forged = await fetch(hook, {
    method: 'POST',
    headers: { 'webhook-id': 'msg_forged', 'webhook-timestamp': String(Math.floor(Date.now() / 1000)), 'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}` },
    body: '{"type":"upload.published"}',
  });
  assert.equal(forged.status, 401);
  assert.deepEqual(await shown(), ['upload.scheduled']);
});

test('no console complained', () => assert.deepEqual(complaints, []));
