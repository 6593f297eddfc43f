import assert from 'node:assert/strict';
import { test } from 'node:test';
import { breather } from '../src/api/pace.ts';
import type { Entry } from '../src/api/catalogue.ts';
import { layout, nearest, notable, ticksWithin } from '../src/screens/results/chart.ts';
import { ageUnit, agesWithin, bandOf, basisOf, curveOf, spaced } from '../src/screens/results/curve.ts';
import { counts, inOrder, readFilters, unlabelled, withLabels } from '../src/screens/results/filters.ts';
import { rowsInView } from '../src/screens/results/rows.ts';

const DAY = 86_400_000;
const entry = (some: Partial<Entry>): Entry => ({ id: 'a', title: 'Bees', at: 0, format: 'long', label: 'typical', multiplier: 1, withheld: null, views: 10, thumbnail: null, gone: false, ...some });
const thousands = Array.from({ length: 6557 }, (_, n) =>
  entry({ id: String(n), title: `Video ${n}`, at: n * DAY, multiplier: n % 7 === 0 ? null : 0.1 + (n % 100) / 10, label: n % 7 === 0 ? 'insufficient_data' : 'typical' }),
);
const day = (text: string): [number, number] => [Date.parse(text), Date.parse(text) + DAY];

test('an address is read, and what it says amiss is left out', () => {
  assert.deepEqual(readFilters({ q: 'bee', format: 'long', label: 'below,outlier,other', from: '2026-02-30x', to: '2026-01-02', sort: 'best' }), {
    q: 'bee',
    format: 'long',
    label: 'outlier,below',
    from: undefined,
    to: '2026-01-02',
    sort: 'best',
    channel: undefined,
  });
  assert.equal(readFilters({ sort: 'newest' }).sort, undefined);
  assert.equal(readFilters({ q: 2024 }).q, '2024');
});

test('words are found in any order and case, and days begin and end on the channel’s calendar', () => {
  const all = [entry({ id: '1', title: 'Honey never SPOILS' }), entry({ id: '2', title: 'Honey', at: DAY }), entry({ id: '3', title: 'Spoils of honey', at: null })];
  assert.deepEqual(unlabelled(all, { q: 'spoils hon' }, day).map(({ id }) => id), ['1', '3']);
  assert.deepEqual(unlabelled(all, { from: '1970-01-01', to: '1970-01-01' }, day).map(({ id }) => id), ['1']);
  assert.deepEqual(unlabelled(all, { from: '1970-01-02' }, day).map(({ id }) => id), ['2']);
});

test('a video that was never scored counts as one that cannot be compared', () => {
  const all = [entry({ label: null, multiplier: null }), entry({ label: 'outlier' })];
  assert.equal(counts(all).insufficient_data, 1);
  assert.deepEqual(withLabels(all, 'insufficient_data'), [all[0]]);
  assert.equal(withLabels(all, undefined).length, 2);
});

test('what is unknown comes last in every order', () => {
  const all = [entry({ id: 'none', multiplier: null }), entry({ id: 'low', multiplier: 0.5 }), entry({ id: 'high', multiplier: 3 })];
  assert.deepEqual(inOrder(all, 'best').map(({ id }) => id), ['high', 'low', 'none']);
  assert.deepEqual(inOrder(all, 'worst').map(({ id }) => id), ['low', 'high', 'none']);
});

test('twice and half as good lie equally far from the usual, and those without a number in a strip below', () => {
  const { spots, y, strip, bottom } = layout([entry({ id: '1', multiplier: 2 }), entry({ id: '2', at: DAY, multiplier: 0.5 }), entry({ id: '3', at: 2 * DAY, multiplier: null, label: 'insufficient_data' })], 800, 300);
  const [double, half, none] = spots;
  assert.ok(double && half && none && strip);
  assert.ok(Math.abs(y(1) - double.y - (half.y - y(1))) < 0.01);
  assert.equal(none.y, strip);
  assert.ok(strip > bottom);
  assert.ok(double.x < half.x && half.x < none.x && none.x < 800);
});

test('a single video, and none at all, have a chart as well', () => {
  assert.ok(layout([entry({})], 390, 260).spots.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)));
  assert.equal(layout([], 390, 260).spots.length, 0);
});

test('6,557 videos are filtered, ordered and laid out within 100 ms, 200 of them with a mark of their own', () => {
  let took = Infinity;
  // The fastest of a few: the machine has other things to do.
  for (let turn = 0; turn < 5; turn++) {
    const begun = performance.now();
    assert.ok(layout(inOrder(unlabelled(thousands, { q: 'video 1' }, day), 'best'), 1200, 340).spots.length > 1000);
    notable(layout(thousands, 1200, 340).spots);
    took = Math.min(took, performance.now() - begun);
  }
  const { marks, rest } = notable(layout(thousands, 1200, 340).spots);
  assert.equal(marks.length, 200);
  assert.equal(marks.length + rest.length, 6557);
  assert.ok(marks.every(({ entry: { multiplier } }) => multiplier !== null));
  assert.ok(took < 100, `${took} ms`);
});

test('the pointer means the nearest mark within its reach', () => {
  const { spots } = layout([entry({ id: '1' }), entry({ id: '2', at: 9 * DAY })], 800, 300);
  const [first] = spots;
  assert.ok(first);
  assert.equal(nearest(spots, first.x + 5, first.y + 5)?.entry.id, '1');
  assert.equal(nearest(spots, first.x + 100, first.y), undefined);
});

test('lines across are thinned out to powers of ten when there is no room', () => {
  assert.deepEqual(ticksWithin(0.4, 6, 9), [0.5, 1, 2, 5]);
  assert.deepEqual(ticksWithin(0.05, 200, 5), [0.1, 1, 10, 100]);
});

test('the rows in sight are drawn, and a few around them', () => {
  assert.deepEqual(rowsInView(0, 760, 76, 6557), [0, 20]);
  const [first, end] = rowsInView(76 * 1000, 760, 76, 6557);
  assert.ok(first <= 992 && first >= 984 && end >= 1018 && end <= 1026, `${first} ${end}`);
  assert.deepEqual(rowsInView(76 * 6557, 760, 76, 6557)[1], 6557);
  assert.deepEqual(rowsInView(0, 760, 76, 3), [0, 3]);
});

test('numbers of different bases never stand on one curve', () => {
  const point = (basis: 'public_views' | 'engaged_views', age_hours: number) => ({ basis, age_hours, views: age_hours * 10, observed_at: `${age_hours}` });
  const series = [point('engaged_views', 24), point('public_views', 30), point('engaged_views', 1), point('engaged_views', 0.2)];
  assert.equal(basisOf({ series, score: null }), 'engaged_views');
  assert.deepEqual(curveOf(series, 'engaged_views').map(({ age }) => age), [1, 24]);
});

test('the band follows the ages that were compared, and lies flat for totals', () => {
  const usual = { n: 20, until: '', typical_views: 100, usual_from: 50, usual_to: 200, format: 'long' as const };
  const aged = [{ ...usual, basis: 'engaged_views' as const, checkpoint_hours: 168 }, { ...usual, basis: 'engaged_views' as const, checkpoint_hours: 24 }, { ...usual, basis: 'lifetime' as const }];
  assert.deepEqual(bandOf(aged, 'long', 'engaged_views', 200).map(({ age }) => age), [24, 168]);
  assert.deepEqual(bandOf(aged, 'long', 'lifetime', 5000).map(({ age, low }) => [age, low]), [[720, 50], [5000, 50]]);
  assert.deepEqual(bandOf(aged, 'short', 'engaged_views', 200), []);
});

test('ages are told in the unit that people use', () => {
  assert.deepEqual(ageUnit(6), { value: 6, unit: 'hour' });
  assert.deepEqual(ageUnit(168), { value: 7, unit: 'day' });
  assert.deepEqual(ageUnit(2160), { value: 3, unit: 'month' });
  assert.deepEqual(agesWithin(1, 200), [1, 6, 24, 72, 168]);
});

test('names of ages do not stand on each other', () => {
  assert.deepEqual(spaced([1, 24, 72, 168], Math.log, 1), [1, 24, 168]);
  assert.deepEqual(spaced([], Math.log, 1), []);
});

test('requests are left over for the other screens', () => {
  assert.equal(breather('"read";r=80;t=31'), 0);
  assert.equal(breather('"read";r=12;t=31'), 31);
  assert.equal(breather(null), 0);
});
