// How quickly the public pages show, on a slow telephone: four times slower than this machine, 1.6 Mbit/s, 150 ms away.
// SITE=https://… measures a deployment; by default it is the local stack's.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { browser, output } from './browser.js';

const site = process.env.SITE || process.env.API_URL;
assert.ok(site, 'set SITE, or run this under `catalyst-dev exec`');

// What Google calls good, and as much as a page may weigh.
const BUDGET = { largest_ms: 2500, shift: 0.1, bytes: 220_000, requests: 12 };
const report = {};

after(async () => {
  writeFileSync(`${output}speed.json`, JSON.stringify({ site, budget: BUDGET, pages: report }, null, 2));
  await browser.close();
});

for (const path of ['/', '/sign-in', '/docs/errors']) {
  test(`${path} shows quickly`, async () => {
    // The first visitor starts what has to be started; the one who is measured has never been here.
    const first = await browser.newPage();
    await first.goto(`${site}${path}`, { waitUntil: 'networkidle' });
    await first.close();
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    const protocol = await context.newCDPSession(page);
    let bytes = 0;
    let requests = 0;
    await protocol.send('Network.enable');
    protocol.on('Network.loadingFinished', (event) => {
      bytes += event.encodedDataLength;
      requests += 1;
    });
    await protocol.send('Network.setCacheDisabled', { cacheDisabled: true });
    await protocol.send('Network.emulateNetworkConditions', { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 94_000 });
    await protocol.send('Emulation.setCPUThrottlingRate', { rate: Number(process.env.SLOWER ?? 4) });
    await page.addInitScript(() => {
      globalThis.seen = { largest: 0, shift: 0 };
      new PerformanceObserver((list) => list.getEntries().forEach((entry) => (globalThis.seen.largest = entry.startTime))).observe({ type: 'largest-contentful-paint', buffered: true });
      new PerformanceObserver((list) => list.getEntries().forEach((entry) => (globalThis.seen.shift += entry.hadRecentInput ? 0 : entry.value))).observe({ type: 'layout-shift', buffered: true });
    });
    await page.goto(`${site}${path}`, { waitUntil: 'networkidle' });
    const { largest, shift } = await page.evaluate(() => globalThis.seen);
    report[path] = { largest_ms: Math.round(largest), shift: Number(shift.toFixed(3)), bytes, requests };
    console.log(path, JSON.stringify(report[path]));
    assert.ok(largest > 0, 'nothing was painted');
    assert.ok(largest <= BUDGET.largest_ms, `the largest part showed after ${Math.round(largest)} ms`);
    assert.ok(shift <= BUDGET.shift, `the page shifted by ${shift}`);
    assert.ok(bytes <= BUDGET.bytes, `${bytes} bytes`);
    assert.ok(requests <= BUDGET.requests, `${requests} requests`);
    await context.close();
  });
}
