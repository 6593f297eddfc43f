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
  await heading(page, 'Sign in');
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

const refusal = (code) => ({ status: 401, contentType: 'application/problem+json', body: JSON.stringify({ code, title: code, status: 401, request_id: 'x', retryable: false, type: 'about:blank' }) });
const RENEWAL = '**/auth/v1/token?grant_type=refresh_token';
const API = (url) => url.pathname.startsWith('/api/') && url.pathname !== '/api/config';

/** Signs in again where the session has ended, and goes on. */
async function resume() {
  const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
  await dialog.waitFor(PATIENCE);
  await fine(page);
  await picture(page, 'console-session-ended');
  await page.unroute(API);
  await page.unroute(RENEWAL);
  await dialog.getByLabel('Password').fill(credentials.password);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await dialog.waitFor({ state: 'detached', ...PATIENCE });
}

for (const [code, why] of [
  ['token_expired', 'its token has expired and is not renewed'],
  ['token_invalid', 'its token does not hold any more'],
]) {
  test(`a session that ends because ${why} is taken up again, also after the page was loaded again`, async () => {
    await page.goto(`${API_URL}/content`);
    await heading(page, 'Create');
    await page.route(API, (route) => route.fulfill(refusal(code)));
    await page.route(RENEWAL, (route) => route.fulfill({ status: 400, contentType: 'application/json', body: JSON.stringify({ code: 'refresh_token_not_found', message: 'Invalid Refresh Token' }) }));
    await page.reload();
    await page.getByRole('dialog', { name: 'Your session has ended' }).waitFor(PATIENCE);
    await page.reload();
    await resume();
    await heading(page, 'Create');
    // What was refused is asked for again.
    await page.getByRole('alert').waitFor({ state: 'detached', ...PATIENCE });
  });
}

test('signing out ends every tab', async () => {
  await page.goto(`${API_URL}/account`);
  await heading(page, 'Account');
  const other = await page.context().newPage();
  await other.goto(`${API_URL}/content`);
  await heading(other, 'Create');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
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
