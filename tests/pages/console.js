// What the tests of the console share: a stack, a new user, and what every screen must keep.

import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { barriers, browser, picture } from './browser.js';

export const { API_URL, SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, FAKE_GOOGLE_URL, CRON_SECRET } = process.env;
assert.ok(API_URL && SUPABASE_URL && FAKE_GOOGLE_URL && CRON_SECRET, 'run this under `catalyst-dev exec`');

// Slow machines take their time; what has to come, comes.
export const PATIENCE = { timeout: Number(process.env.PATIENCE_MS ?? 45_000) };
const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 390, height: 844 };

export const post = (url, body, headers = {}) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

/** The channel that Google's stand-in consents for. */
export async function makeChannel(videos = 60) {
  const made = await post(`${FAKE_GOOGLE_URL}/_control/accounts`, { account: 'creator', channel: { id: `UC${randomBytes(11).toString('hex')}`, title: 'Bee Hours', generated: { videos, seed: 5 } } });
  assert.ok(made.ok, await made.text());
}

export const newCredentials = () => ({ email: `${randomUUID()}@example.com`, password: randomUUID() });

/** Makes an account, and gives its token. */
export async function signUp(credentials) {
  const made = await post(`${SUPABASE_URL}/auth/v1/signup`, credentials, { apikey: SUPABASE_PUBLISHABLE_KEY });
  assert.ok(made.ok, await made.clone().text());
  return (await made.json()).access_token;
}

/** A browser of a visitor in Berlin. */
export async function visitor(options = {}) {
  const context = await browser.newContext({ colorScheme: 'light', locale: 'en-GB', timezoneId: 'Europe/Berlin', viewport: WIDE, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE.timeout);
  return page;
}

export const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor(PATIENCE);

export async function signIn(page, credentials) {
  await page.getByLabel('E-mail').fill(credentials.email);
  await page.getByLabel('Password').fill(credentials.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** The token that the page keeps. */
export const tokenOf = (page) =>
  page.evaluate(() => JSON.parse(Object.entries(localStorage).find(([key]) => key.endsWith('-auth-token'))[1]).access_token);

/** Works as the scheduler would until what is waited for is there. */
export async function worked(page, isThere, what = 'what was waited for') {
  for (let tries = 0; tries < 160; tries++) {
    await post(`${API_URL}/api/cron/dispatch`, {}, { authorization: `Bearer ${CRON_SECRET}` });
    if (await isThere()) return;
    await page.waitForTimeout(400);
  }
  assert.fail(`${what} did not come`);
}

/** What is in somebody's way, and whether anything is wider than the window; a line each. */
async function faults(page) {
  // Halfway from one colour to the other nothing has its contrast.
  await page.evaluate(() => Promise.all(document.getAnimations().filter((each) => each instanceof CSSTransition).map(({ finished }) => finished.catch(() => undefined))));
  const found = await barriers(page);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  return wide > 0 ? [...found, `the page is ${wide} pixels wider than its window`] : found;
}

export const fine = async (page) => assert.deepEqual(await faults(page), []);

/** A step of the way, looked at wide and narrow, light and dark. Gives what is wrong with it, so that the way goes on. */
export async function step(page, name) {
  const found = [];
  for (const [size, viewport] of [['', WIDE], ['-narrow', NARROW]]) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      found.push(...(await faults(page)).map((fault) => `${name}${size} ${colorScheme}: ${fault}`));
      await picture(page, `console-${name}${size}${colorScheme === 'dark' ? '-dark' : ''}`);
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(WIDE);
  return found;
}
