// Whether YouTube's quota lasts until the day in Los Angeles is over.

import type { Quota } from 'content-catalyst-sdk';
import { boundsOf, dayIn } from '../../time/zones.ts';

/** Before so much of the day is over a forecast would be a guess. */
const EARLY = 0.05;

export interface Forecast {
  used: number;
  /** What the whole day takes if it goes on like this; absent early in the day. */
  expected?: number;
  /** When it is used up then, in milliseconds; absent when it lasts. */
  endsAt?: number;
}

/** `now` in milliseconds. Days in Los Angeles have 23, 24 or 25 hours. */
export function forecast({ capacity, spent, reserved }: Quota, now: number): Forecast {
  const used = spent + reserved;
  const [start, end] = boundsOf(dayIn(now, 'America/Los_Angeles'), 'America/Los_Angeles');
  const elapsed = (now - start) / (end - start);
  if (used >= capacity) return { used, expected: used, endsAt: now };
  if (elapsed < EARLY || used === 0) return { used };
  const expected = Math.round(used / elapsed);
  return expected > capacity ? { used, expected, endsAt: start + ((now - start) * capacity) / used } : { used, expected };
}
