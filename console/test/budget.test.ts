// What a visitor has to load. Sizes are those of gzip -9, as of `dist/`, which scripts/pages has built.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

interface Chunk {
  file: string;
  src?: string;
  isEntry?: boolean;
  imports?: string[];
  dynamicImports?: string[];
  css?: string[];
}

const dist = new URL('../dist/', import.meta.url);
const manifest: Record<string, Chunk> = JSON.parse(readFileSync(new URL('manifest.json', dist), 'utf8'));
const chunk = (key: string): Chunk => manifest[key] ?? assert.fail(`${key} is not in the manifest`);
const size = (file: string) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length;

/** The files that a chunk cannot do without. */
function needs(key: string, found = new Set<string>()): Set<string> {
  const { file, css = [], imports = [] } = chunk(key);
  if (found.has(file)) return found;
  [file, ...css].forEach((each) => found.add(each));
  imports.forEach((each) => needs(each, found));
  return found;
}

const weigh = (files: Iterable<string>) => [...files].reduce((sum, file) => sum + size(file), 0);
const [entry] = Object.keys(manifest).filter((key) => manifest[key]?.isEntry);
assert.ok(entry);
const shared = needs('src/locales/de.po', needs(entry));

test('what every screen needs has at most 140 KB', () => {
  const weight = weigh(shared);
  assert.ok(weight <= 140_000, `${weight} bytes`);
});

const screens = (chunk(entry).dynamicImports ?? []).filter((key) => /^src\/screens\/[^/]+\/[A-Z]\w+\.tsx$/.test(key));

test('every screen is loaded by itself', () => {
  assert.ok(screens.length > 10, screens.join());
});

for (const screen of screens) {
  test(`${screen} has at most 260 KB with all that it needs`, () => {
    const weight = weigh(needs(screen, new Set(shared)));
    assert.ok(weight <= 260_000, `${weight} bytes`);
  });
}
