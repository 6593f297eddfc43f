import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDate } from '@internationalized/date';
import { tagsOf } from '../src/forms/tags.ts';
import { pseudo, stretch } from '../src/i18n/pseudo.ts';
import { beside, daysOf } from '../src/screens/calendar/range.ts';
import { distance } from '../src/time/distance.ts';

test('pseudo words are longer, and keep tags and values', () => {
  assert.equal(stretch('Sign in'), 'Sïgñ ïñ~~~');
  assert.equal(stretch('<0>Read</0>'), '<0>Rëád</0>~~~~');
  const [plural] = pseudo({ id: [['count', 'plural', { one: ['#', ' video'], other: ['#', ' videos'] }]] }).id as unknown as [[string, string, { one: string[] }]];
  assert.equal(plural[2].one[1], ' vïdëö~~');
});

test('a distance is told in the largest unit that it fills', () => {
  assert.deepEqual([59_000, 60_000, -7_200_000, 90 * 86_400_000].map(distance), [
    { value: 0, unit: 'second' },
    { value: 1, unit: 'minute' },
    { value: -2, unit: 'hour' },
    { value: 2, unit: 'month' },
  ]);
});

test('tags stand between commas, without blanks around them', () => {
  assert.deepEqual(tagsOf(' bees, honey jar ,,\nwax'), ['bees', 'honey jar', 'wax']);
});

test('a week begins where it does in the country, and a month is filled up to whole weeks', () => {
  const day = parseDate('2026-11-30');
  assert.equal(daysOf('week', day, 'de-DE')[0]?.toString(), '2026-11-30');
  assert.equal(daysOf('week', day, 'en-US')[0]?.toString(), '2026-11-29');
  const month = daysOf('month', day, 'de-DE');
  assert.deepEqual([month.length, month[0]?.toString(), month.at(-1)?.toString()], [42, '2026-10-26', '2026-12-06']);
  assert.equal(beside('month', parseDate('2027-01-31'), 1).toString(), '2027-02-01');
});
