// The whole loop in a browser, for a new user and without leaving the console: from the sign-up to the published video, on a stack of
// its own. Run by `make pages`; every step leaves a picture.

import assert from 'node:assert/strict';
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
  context = await browser.newContext({ colorScheme: 'light', locale: 'en-GB', timezoneId: 'Europe/Berlin', viewport: { width: 1280, height: 900 } });
  page = await context.newPage();
  page.setDefaultTimeout(45_000);
  seen = watch(page);
});

after(async () => {
  await browser.close();
});

const heading = (name) => page.getByRole('heading', { level: 1, name }).waitFor(PATIENCE);

/** Nothing is in anybody's way, and nothing is wider than the window. */
async function fine() {
  assert.deepEqual(await barriers(page), []);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `the page is ${wide} pixels wider than its window`);
}

/** The picture of a step, light and dark, wide and narrow. */
async function step(name) {
  await fine();
  await picture(page, `console-${name}`);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 390, height: 844 });
  await fine();
  await picture(page, `console-${name}-narrow-dark`);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 900 });
}

test('a visitor is asked to sign in, and told what is wrong beside the field', async () => {
  await page.goto(`${API_URL}/calendar`);
  await heading('Sign in');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Your e-mail address is missing.').waitFor(PATIENCE);
  assert.equal(await page.evaluate(() => document.activeElement.name), 'email');
  await page.getByLabel('E-mail').fill(credentials.email);
  await page.getByLabel('Password').fill('wrong-password');
  await page.getByLabel('Password').press('Enter');
  await page.getByText('E-mail or password is wrong.').waitFor(PATIENCE);
  await step('sign-in');
});

test('a new user signs up, and comes to where they wanted to go', async () => {
  await page.getByRole('link', { name: 'Create an account' }).click();
  await heading('Create your account');
  await page.getByLabel('E-mail').fill(credentials.email);
  await page.getByLabel('Password').fill(credentials.password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.waitForURL('**/calendar', PATIENCE);
  await heading('Calendar');
});

test('the pages asked this deployment and its project only, and broke no rule of their policy', () => {
  const known = [API_URL, SUPABASE_URL].map((url) => new URL(url).origin);
  assert.deepEqual([...seen.origins].filter((origin) => !known.includes(origin)), []);
  // A wrong password is answered with 400, which the browser notes.
  assert.deepEqual(seen.complaints.filter((text) => !text.includes('400')), []);
});
