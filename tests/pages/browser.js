// A browser for the tests: Debian's Chromium, driven by playwright-core, which brings none of its own.

import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const found = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path && existsSync(path));
if (!found) throw new Error('no Chromium: install the package chromium, or set CHROMIUM to the path of one');

export const browser = await chromium.launch({
  executablePath: found,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
});

const pictures = new URL(`${process.env.PAGES_OUTPUT ?? '../../target/pages'}/`, import.meta.url).pathname;
mkdirSync(pictures, { recursive: true });
export const output = pictures;

/** Keeps what the page looks like, for people. */
export const picture = (page, name) => page.screenshot({ path: `${pictures}${name}.png`, fullPage: true });

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds wrong, a line each. */
export async function barriers(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  return violations.flatMap((violation) => violation.nodes.map((node) => `${violation.id}: ${node.target} ${node.failureSummary}`));
}

/** Watches a page: where it sends requests, and what its console complains about. */
export function watch(page) {
  const seen = { origins: new Set(), complaints: [] };
  page.on('request', (request) => {
    if (!request.isNavigationRequest()) seen.origins.add(new URL(request.url()).origin);
  });
  page.on('console', (message) => {
    if (message.type() === 'error') seen.complaints.push(message.text());
  });
  page.on('pageerror', (error) => seen.complaints.push(String(error)));
  return seen;
}
