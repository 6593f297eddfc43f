import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forecast } from '../src/screens/operator/forecast.ts';

const quota = { bucket: 'uploads', capacity: 100, left: 0, reserved: 0, spent: 0 };

test('a day in Los Angeles that goes on like this takes twice as much as half of it did', () => {
  // Noon there.
  assert.deepEqual(forecast({ ...quota, spent: 20, reserved: 10 }, Date.parse('2026-11-30T20:00:00Z')), { used: 30, expected: 60 });
});

test('what does not last says when it ends', () => {
  const { expected, endsAt } = forecast({ ...quota, spent: 75 }, Date.parse('2026-11-30T20:00:00Z'));
  assert.equal(expected, 150);
  assert.equal(new Date(endsAt ?? 0).toISOString(), '2026-12-01T00:00:00.000Z');
});

test('a day of 25 hours is longer', () => {
  // 1 November 2026: 13 of 25 hours are over at noon.
  assert.equal(forecast({ ...quota, spent: 26 }, Date.parse('2026-11-01T20:00:00Z')).expected, 50);
});

test('nothing is guessed early in the day, and nothing about what is gone', () => {
  assert.equal(forecast({ ...quota, spent: 9 }, Date.parse('2026-11-30T08:30:00Z')).expected, undefined);
  assert.equal(forecast({ ...quota, spent: 100 }, 5_000_000_000).endsAt, 5_000_000_000);
});
