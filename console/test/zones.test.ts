import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDate } from '@internationalized/date';
import { boundsOf, dayIn, instantOf, localTime, onDay, sameClock } from '../src/time/zones.ts';

const HOUR = 3_600_000;
const hours = (day: string, zone: string) => {
  const [from, to] = boundsOf(parseDate(day), zone);
  return (to - from) / HOUR;
};
const iso = (at: number) => new Date(at).toISOString();

test('a day has 23 hours when clocks go forward, and 25 when they go back', () => {
  assert.deepEqual(['2026-03-28', '2026-03-29', '2026-10-25'].map((day) => hours(day, 'Europe/Berlin')), [24, 23, 25]);
  assert.deepEqual(['2026-03-08', '2026-11-01'].map((day) => hours(day, 'America/Los_Angeles')), [23, 25]);
  // Lord Howe Island moves by half an hour, and in Santiago midnight itself is skipped.
  assert.deepEqual([hours('2026-10-04', 'Australia/Lord_Howe'), hours('2026-09-06', 'America/Santiago')], [23.5, 23]);
});

test('moved across a change of the clocks, a video keeps its time of day', () => {
  for (const [zone, at, day, expected] of [
    ['Europe/Berlin', '2026-03-27T17:00:00Z', '2026-03-30', '2026-03-30T16:00:00.000Z'],
    ['Europe/Berlin', '2026-10-24T16:00:00Z', '2026-10-26', '2026-10-26T17:00:00.000Z'],
    ['America/New_York', '2026-10-31T22:00:00Z', '2026-11-02', '2026-11-02T23:00:00.000Z'],
  ] as const) {
    const moved = onDay(at, parseDate(day), zone);
    assert.equal(iso(moved), expected, `${zone} ${day}`);
    assert.equal(localTime(moved, zone).slice(11), localTime(at, zone).slice(11));
  }
});

test('a time that is skipped moves forward by the gap, and of one that is repeated the first is meant', () => {
  assert.equal(iso(instantOf('2026-03-29T02:30', 'Europe/Berlin')), '2026-03-29T01:30:00.000Z');
  assert.equal(iso(instantOf('2026-10-25T02:30', 'Europe/Berlin')), '2026-10-25T00:30:00.000Z');
});

test('an instant belongs to the day on the clocks of the zone', () => {
  assert.equal(dayIn('2026-12-01T03:00:00Z', 'America/Los_Angeles').toString(), '2026-11-30');
  assert.equal(dayIn('2026-12-01T03:00:00Z', 'Asia/Tokyo').toString(), '2026-12-01');
});

test('zones are the same while their clocks show the same', () => {
  assert.equal(sameClock('2026-12-01T12:00:00Z', 'Europe/Berlin', 'Europe/Paris'), true);
  assert.equal(sameClock('2026-12-01T12:00:00Z', 'Europe/Berlin', 'Europe/London'), false);
});
