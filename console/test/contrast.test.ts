// Every text colour on every ground that it is used on, in both schemes.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const tokens = readFileSync(new URL('../src/styles/tokens.css', import.meta.url), 'utf8');
const [light = '', dark = ''] = tokens.split('@media (prefers-color-scheme: dark)');
const coloursOf = (css: string) => Object.fromEntries([...css.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value ?? '']));
const schemes = { light: coloursOf(light), dark: { ...coloursOf(light), ...coloursOf(dark) } };

const luminance = (hex: string) => {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

const contrast = (one: string, other: string) => {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};

const GROUNDS = ['ground', 'surface', 'sunken'];
const TEXTS: Record<string, string[]> = {
  ink: [...GROUNDS, 'accent-soft', 'good-soft', 'warn-soft', 'bad-soft', 'calm-soft'],
  soft: [...GROUNDS, 'accent-soft', 'calm-soft', 'good-soft', 'warn-soft'],
  accent: [...GROUNDS, 'accent-soft'],
  'on-accent': ['accent', 'accent-hover'],
  good: [...GROUNDS, 'good-soft'],
  warn: [...GROUNDS, 'warn-soft'],
  bad: [...GROUNDS, 'bad-soft'],
  calm: [...GROUNDS, 'calm-soft'],
  'mark-above': GROUNDS,
  'mark-below': GROUNDS,
};

for (const [scheme, colours] of Object.entries(schemes)) {
  const of = (name: string) => colours[name] ?? assert.fail(`${scheme} has no --${name}`);
  test(`${scheme}: texts stand out by 4.5, borders of controls by 3`, () => {
    const faint = Object.entries(TEXTS).flatMap(([text, grounds]) =>
      grounds.map((ground) => ({ pair: `${text} on ${ground}`, is: contrast(of(text), of(ground)) })).filter(({ is }) => is < 4.5),
    );
    const borders = GROUNDS.map((ground) => ({ pair: `control on ${ground}`, is: contrast(of('control'), of(ground)) })).filter(({ is }) => is < 3);
    assert.deepEqual([...faint, ...borders], []);
  });
}
