// Each screen of the console once, as somebody without a channel sees it: it is drawn, nothing is in anybody's way, no rule of its policy
// is broken, every word of it is translated, and nothing is asked twice. Part of `make test`.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { barriers, browser, watch } from './browser.js';
import { API_URL, fine, heading, newCredentials, PATIENCE, signIn, signUp, SUPABASE_URL, visitor } from './console.js';

const SCREENS = { '/dashboard': 'Today', '/results': 'Results', '/content': 'Create', '/renders': 'Renders', '/calendar': 'Calendar', '/channels': 'Channels', '/developer': 'Developer', '/account': 'Account' };
const credentials = newCredentials();
let page;
let seen;
let asked = [];

before(async () => {
  await signUp(credentials);
  page = await visitor();
  seen = watch(page);
  page.on('request', (request) => {
    if (request.url().includes('/api/')) asked.push(`${request.method()} ${request.url()}`);
  });
  await page.goto(`${API_URL}/dashboard`);
  await signIn(page, credentials);
  await heading(page, 'Today');
});

after(async () => {
  await browser.close();
});

for (const [path, name] of Object.entries(SCREENS)) {
  test(`${name} is drawn without an error, and asks nothing twice`, async () => {
    asked = [];
    await page.goto(`${API_URL}${path}`);
    await heading(page, name);
    await page.waitForLoadState('networkidle');
    await fine(page);
    assert.deepEqual(asked.filter((each, n) => asked.indexOf(each) !== n), [], 'asked twice');
    assert.match(await page.title(), new RegExp(`^${name} · `));
  });
}

test('every screen has keys that lead to it', async () => {
  for (const [keys, name] of [['gr', 'Results'], ['gc', 'Create'], ['gf', 'Renders'], ['gk', 'Calendar'], ['gh', 'Channels'], ['gd', 'Developer'], ['ga', 'Account'], ['gt', 'Today']]) {
    await page.keyboard.type(keys);
    await heading(page, name);
    assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H1', 'the heading has the focus');
  }
  await page.keyboard.type('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor(PATIENCE);
  await page.keyboard.press('Escape');
  await page.goto(`${API_URL}/content`);
  assert.equal(new URL(page.url()).pathname, '/content');
});

for (const language of ['pseudo', 'pseudo-rtl', 'de']) {
  test(`in ${language} no word is left out, and nothing is cut`, async () => {
    await page.evaluate((chosen) => localStorage.setItem('catalyst.language', chosen), language);
    for (const path of Object.keys(SCREENS)) {
      await page.goto(`${API_URL}${path}`);
      await page.locator('h1').waitFor(PATIENCE);
      await page.waitForLoadState('networkidle');
      await fine(page);
      if (language === 'de') continue;
      const plain = await page.evaluate(untranslated, [credentials.email]);
      assert.deepEqual(plain, [], `${path} has words that are not translated`);
      assert.equal(await page.evaluate(() => document.documentElement.dir), language === 'pseudo-rtl' ? 'rtl' : 'ltr');
    }
    await page.evaluate(() => localStorage.removeItem('catalyst.language'));
  });
}

/** Texts that look as they were written in the sources. Runs in the page. */
function untranslated(known) {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const plain = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.textContent.trim();
    const isCode = node.parentElement.closest('script, style, noscript, code, kbd, [lang]:not(html), [translate=no]');
    if (/\p{L}{3}/u.test(text) && !text.includes('~') && !isCode && !known.includes(text)) plain.push(text);
  }
  return plain;
}

test('nothing was asked of anybody else, and no rule of the policy was broken', async () => {
  const origins = [API_URL, SUPABASE_URL].map((url) => new URL(url).origin);
  assert.deepEqual([...seen.origins].filter((origin) => !origins.includes(origin)), []);
  assert.deepEqual(seen.complaints, []);
  assert.deepEqual(await barriers(page), []);
});
