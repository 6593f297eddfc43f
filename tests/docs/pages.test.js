// Every snippet of the documentation runs as it stands and prints what the page says; what is shown of the example stands in it.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Catalyst } from 'content-catalyst-sdk';
import { consent, dispatch, signUp, until, url } from '../../sdk/test/world.js';
import { moduleOf, SHELL, snippets } from './snippets.js';

const root = new URL('../../', import.meta.url);
const { fetch } = globalThis;
let token;
let work;

before(async () => {
  work = setInterval(dispatch, 500);
  token = await signUp();
  const api = new Catalyst({ url, token: () => token });
  const { state, code } = await consent((await api.connectChannel({ body: {} })).data.authorization_url);
  const { data: channel } = await api.finishConnection({ body: { state, code } });
  await until('the synchronisation', () => api.getChannel({ path: { id: channel.id } }), ({ data }) => data.sync.state === 'idle');
  // What the reader has: a token, a channel, a topic, and somebody at Google's consent page.
  Object.assign(globalThis, { accessToken: token, channel_id: channel.id, topic: 'Honey', show: () => {}, consentOf: (page) => consent(page) });
  globalThis.fetch = (input, init) => fetch(input instanceof Request && input.url.startsWith('https://app.example.com') ? new Request(input.url.replace('https://app.example.com', url), input) : input, init);
});
after(() => {
  clearInterval(work);
  globalThis.fetch = fetch;
  rmSync(new URL('page.mjs', import.meta.url), { force: true });
});

/** Runs a page's JavaScript in one go; what it printed, by the line of the snippet. */
async function run(parts) {
  const printed = new Map();
  const { log } = console;
  let line;
  globalThis.at = (next) => (line = next);
  console.log = (...words) => printed.set(line, `${printed.get(line) ?? ''}${words.join(' ')}\n`);
  writeFileSync(new URL('page.mjs', import.meta.url), moduleOf(parts));
  try {
    await import(`./page.mjs?${Math.random()}`);
  } catch (error) {
    error.message = `the snippet at line ${line}: ${error.message}`;
    throw error;
  } finally {
    console.log = log;
  }
  return printed;
}

for (const page of ['README.md', 'docs/guide.md', 'sdk/README.md']) {
  const parts = snippets(page);
  test(`${page}: every JavaScript runs`, async () => {
    const scripts = parts.filter(({ language }) => language === 'js');
    const printed = await run(scripts);
    for (const { line, output } of scripts) if (output !== undefined) assert.equal(printed.get(line), output, `${page}:${line}`);
  });
  test(`${page}: no snippet is of a kind that nothing runs`, () => {
    assert.deepEqual(parts.filter(({ language }) => !['js', 'sh', 'tsx'].includes(language)).map(({ language, line }) => `${page}:${line}: ${language}`), []);
  });
}

for (const page of SHELL) {
  for (const { code, line } of snippets(page).filter(({ language }) => language === 'sh')) {
    test(`${page}:${line}: the command works`, () => {
      execFileSync('bash', ['-euo', 'pipefail', '-c', code], { env: { ...process.env, TOKEN: token }, stdio: ['ignore', 'pipe', 'inherit'] });
    });
  }
}

test('what docs/guide.md shows of the example stands in it', () => {
  const files = readdirSync(new URL('examples/next', root), { recursive: true }).filter((name) => /\.tsx?$/.test(name) && !name.includes('node_modules') && !name.startsWith('.next'));
  const sources = files.map((name) => readFileSync(new URL(`examples/next/${name}`, root), 'utf8'));
  const shown = snippets('docs/guide.md').filter(({ language }) => language === 'tsx');
  assert.ok(shown.length > 0);
  for (const { code, line } of shown) {
    for (const part of code.trim().split(/\n\n/)) {
      const lines = part.replace(/^\/\/ .*\n/, '');
      assert.ok(sources.some((source) => source.includes(lines)), `docs/guide.md:${line}: no file of examples/next has\n${lines}`);
    }
  }
});
