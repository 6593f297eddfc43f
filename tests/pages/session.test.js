// What becomes of a session: in all tabs, when it ends while somebody types, and on the way through Google's consent.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { browser, picture } from './browser.js';
import { API_URL, fine, heading, newCredentials, PATIENCE, signIn, signUp, SUPABASE_URL, visitor } from './console.js';

const credentials = newCredentials();
let page;

before(async () => {
  await signUp(credentials);
  page = await visitor();
});

after(async () => {
  await browser.close();
});

const enter = async () => {
  await page.goto(`${API_URL}/sign-in`);
  await signIn(page, credentials);
  await heading(page, 'Today');
};

test('a consent that somebody else has started connects nothing, and its code stays nowhere', async () => {
  await enter();
  const planted = await page.context().newPage();
  await planted.goto(`${API_URL}/connected#state=planted&code=secret-code`);
  await heading(planted, 'The channel was not connected');
  await planted.getByText('started by someone else').waitFor(PATIENCE);
  assert.equal(new URL(planted.url()).hash, '');
  await fine(planted);
  await picture(planted, 'console-not-connected');
  await planted.close();
});

test('the screen of the consent says when nobody is signed in, and when there is nothing to do', async () => {
  const stranger = await visitor();
  await stranger.goto(`${API_URL}/connected#state=some&code=code`);
  await heading(stranger, 'Sign in first');
  await stranger.goto(`${API_URL}/connected`);
  await stranger.reload();
  await heading(stranger, 'Nothing to connect');
  await fine(stranger);
  await stranger.context().close();
});

test('whoever is signed in is led from the front page to what needs them, and nobody else', async () => {
  await page.goto(`${API_URL}/`);
  assert.equal(new URL(page.url()).pathname, '/dashboard');
  await page.goto(`${API_URL}/app`);
  assert.equal(new URL(page.url()).pathname, '/dashboard');
  await page.goto(`${API_URL}/sign-in`);
  await heading(page, 'Today');
  const stranger = await visitor();
  await stranger.goto(`${API_URL}/`);
  assert.equal(new URL(stranger.url()).pathname, '/');
  await fine(stranger);
  await picture(stranger, 'front');
  await stranger.context().close();
});

test('a session that ends while somebody types is taken up again, and nothing is lost', async () => {
  await page.goto(`${API_URL}/content`);
  await heading(page, 'Create');
  // The service ends it, and every token that was given out has expired.
  await page.route('**/api/**', (route) =>
    route.request().url().endsWith('/api/config')
      ? route.continue()
      : route.fulfill({ status: 401, contentType: 'application/problem+json', body: JSON.stringify({ code: 'token_expired', title: 'The token has expired.', status: 401, request_id: 'x', retryable: false, type: 'about:blank' }) }),
  );
  await page.route('**/auth/v1/token?grant_type=refresh_token', (route) => route.fulfill({ status: 400, contentType: 'application/json', body: JSON.stringify({ code: 'refresh_token_not_found', message: 'Invalid Refresh Token' }) }));
  await page.reload();
  await page.getByRole('dialog', { name: 'Your session has ended' }).waitFor(PATIENCE);
  await picture(page, 'console-session-ended');
  await page.unroute('**/api/**');
  await page.unroute('**/auth/v1/token?grant_type=refresh_token');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Password').fill(credentials.password);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await dialog.waitFor({ state: 'detached', ...PATIENCE });
  await heading(page, 'Create');
});

test('signing out ends every tab', async () => {
  await page.goto(`${API_URL}/account`);
  await heading(page, 'Account');
  const other = await page.context().newPage();
  await other.goto(`${API_URL}/content`);
  await heading(other, 'Create');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await heading(page, 'Sign in');
  await heading(other, 'Sign in');
  assert.equal(await other.evaluate(() => Object.keys(localStorage).some((key) => key.endsWith('-auth-token'))), false);
  await other.close();
});

test('the policy of the pages lets nobody else be asked', async () => {
  let asked = 0;
  const elsewhere = createServer((_, response) => {
    asked += 1;
    response.writeHead(200, { 'access-control-allow-origin': '*' }).end();
  });
  await new Promise((listening) => elsewhere.listen(0, '127.0.0.1', listening));
  await page.goto(`${API_URL}/sign-in`);
  const ask = (port) => fetch(`http://127.0.0.1:${port}/`).then(() => 'answered', () => 'refused');
  const outcome = await page.evaluate(ask, elsewhere.address().port);
  elsewhere.close();
  assert.deepEqual([outcome, asked], ['refused', 0]);
});

test('a session of this browser is known to the page of the programs', async () => {
  await enter();
  await page.goto(`${API_URL}/agents`);
  await page.getByRole('heading', { name: 'Programs that act for you' }).waitFor(PATIENCE);
});

test('a forgotten password is replaced with six digits that are mailed', async () => {
  const stranger = await visitor();
  await stranger.goto(`${API_URL}/sign-in`);
  await stranger.getByRole('link', { name: 'Forgotten your password?' }).click();
  await stranger.getByLabel('E-mail').fill(credentials.email);
  await stranger.getByRole('button', { name: 'Mail me six digits' }).click();
  await stranger.getByLabel('Six digits').fill('000000');
  await stranger.getByLabel('New password').fill('another password');
  await stranger.getByRole('button', { name: 'Change the password' }).click();
  await stranger.getByText('These digits do not hold').waitFor(PATIENCE);
  await fine(stranger);
  const mails = JSON.stringify(await (await fetch(`${SUPABASE_URL}/inbox`)).json());
  const digits = mails.match(/\b\d{6}\b/g).at(-1);
  await stranger.getByLabel('Six digits').fill(digits);
  await stranger.getByRole('button', { name: 'Change the password' }).click();
  await heading(stranger, 'Today');
  assert.equal(new URL(stranger.url()).search, '');
  await stranger.context().close();
});
