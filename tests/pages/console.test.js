// The whole loop in a browser, for a new user and without leaving the console: from the sign-up to the published video, on a stack of
// its own. Run by `make pages`; every step leaves a picture.

import assert from 'node:assert/strict';
import { after, before, test as plain } from 'node:test';
import { browser, watch } from './browser.js';
import { API_URL, heading as headingOf, makeChannel, newCredentials, PATIENCE, post, step as stepOf, SUPABASE_URL, tokenOf, visitor, worked as workedOn } from './console.js';

const credentials = newCredentials();
let page;
let seen;
const heading = (name) => headingOf(page, name);
const faults = [];
const step = async (name) => faults.push(...(await stepOf(page, name)));
const worked = (isThere) => workedOn(page, isThere);

/** A leg of the way: without the one before it there is nothing to be seen. */
let stuck;
const test = (name, walk) =>
  plain(name, async (leg) => {
    if (stuck) return leg.skip(`not reached: ${stuck}`);
    stuck = name;
    await walk();
    stuck = undefined;
  });

before(async () => {
  await makeChannel();
  page = await visitor();
  seen = watch(page);
});

after(async () => {
  await browser.close();
});

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
  await page.getByRole('heading', { name: 'No channel is connected yet' }).waitFor(PATIENCE);
  await step('no-channel');
});

test('connects a channel, and sees its videos come', async () => {
  await page.getByRole('button', { name: 'Connect a YouTube channel' }).click();
  // Google's stand-in consents at once and leads back; the screen there finishes and goes on.
  await page.waitForURL('**/dashboard?connected=*', PATIENCE);
  await heading('Today');
  await step('connected');
  await worked(() => page.getByRole('heading', { name: 'Stood out' }).locator('..').getByText('×').first().isVisible());
  await step('today');
});

test('is given ideas with the videos that speak for them', async () => {
  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await heading('Create');
  await step('create');
  await page.getByLabel('Subject (left open when empty)').fill('Bees in winter');
  await page.getByRole('button', { name: 'Write ideas' }).click();
  await page.waitForURL('**/content/*', PATIENCE);
  await page.getByRole('heading', { name: 'What speaks for it' }).waitFor(PATIENCE);
  await step('ideas');
});

test('has a script written, changes a word, sees the difference, and approves it', async () => {
  await page.getByRole('button', { name: /^Write the script for/ }).first().click();
  await page.getByRole('heading', { name: 'Hook' }).waitFor(PATIENCE);
  await step('script');
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  const hook = page.getByLabel('Hook');
  await hook.fill(`${await hook.inputValue()} Really.`);
  await page.getByRole('button', { name: 'Save as the next version' }).click();
  await page.getByText('version 2').first().waitFor(PATIENCE);
  await page.getByRole('button', { name: 'Compare with version 1' }).click();
  await page.locator('ins', { hasText: 'Really' }).waitFor(PATIENCE);
  await step('difference');
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Approve these words' }).click();
  await page.getByRole('heading', { name: 'Render the film' }).waitFor(PATIENCE);
  await step('approved');
});

test('has a description written, and goes back to the script', async () => {
  const script = page.url();
  await page.getByRole('button', { name: 'Write the description' }).click();
  await page.getByRole('heading', { name: 'Tags' }).waitFor(PATIENCE);
  await step('description');
  await page.goto(script);
});

test('sees the price, orders the film, follows it and watches it', async () => {
  await page.getByRole('button', { name: /Render it for \d+ credits/ }).click();
  await page.waitForURL('**/renders/*', PATIENCE);
  await page.getByText('In the queue').first().waitFor(PATIENCE);
  await step('rendering');
  await worked(() => page.getByRole('heading', { name: 'Schedule it' }).isVisible());
  const film = page.getByLabel('The film');
  await worked(() => film.isVisible());
  assert.ok(await film.getAttribute('src'));
  await step('film');
});

test('schedules it into a free slot, once both questions are answered', async () => {
  await page.getByRole('button', { name: 'Schedule', exact: true }).click();
  await page.getByText('Choose when it goes out.').waitFor(PATIENCE);
  await page.getByRole('radiogroup', { name: 'When' }).getByRole('radio').first().check();
  await page.getByRole('button', { name: 'Schedule', exact: true }).click();
  await page.getByText('Has to be answered.').first().waitFor(PATIENCE);
  await page.getByRole('radiogroup', { name: 'Is it made for kids?' }).getByLabel('No').check();
  await page.getByRole('radiogroup', { name: /altered or synthetic/ }).getByLabel('Yes').check();
  await step('schedule');
  await page.getByRole('button', { name: 'Schedule', exact: true }).click();
  await page.waitForURL('**/calendar?*', PATIENCE);
  await page.getByRole('dialog').getByRole('button', { name: 'Move to…' }).waitFor(PATIENCE);
  await step('scheduled');
});

test('moves it in words, and takes that back', async () => {
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Move to…' }).click();
  const field = dialog.getByLabel(/Day and time in/);
  const before = await field.inputValue();
  await field.fill(before.replace(/T.*/, 'T21:15'));
  await dialog.getByRole('button', { name: 'Move it' }).click();
  await page.getByText(/^Moved to .*21:15/).waitFor(PATIENCE);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText(new RegExp(`^Back on .*${before.slice(11)}`)).waitFor(PATIENCE);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await step('calendar');
});

test('and sees it published at its time, without having left the console', async () => {
  await worked(() => page.getByText('On YouTube, goes public by itself').first().isVisible());
  await step('on-youtube');
  const upload = (await (await fetch(`${API_URL}/api/schedule?limit=1`, { headers: { authorization: `Bearer ${await tokenOf(page)}` } })).json()).items[0];
  const ahead = Math.ceil((Date.parse(upload.publish_at) - Date.now()) / 1000) + 120;
  await post(`${SUPABASE_URL}/_control/clock`, { advance_seconds: ahead });
  await worked(async () => {
    await page.reload();
    await heading('Calendar');
    return page.getByText('Published', { exact: true }).first().isVisible();
  });
  await step('published');
});

plain('no step was in anybody\'s way', () => assert.deepEqual(faults, []));

test('the pages asked this deployment and its project only, and broke no rule of their policy', () => {
  const known = [API_URL, SUPABASE_URL].map((url) => new URL(url).origin);
  assert.deepEqual([...seen.origins].filter((origin) => !known.includes(origin)), []);
  // The browser notes a wrong password (400), and a change of an upload that has gone on meanwhile (412, and then once more).
  assert.deepEqual(seen.complaints.filter((text) => !/status of (400|412)/.test(text)), []);
});
