// Where the marks of the multiplier chart stand. Positions are in pixels from its upper left corner.

import { type ScaleLogarithmic, type ScaleTime, scaleLog, scaleUtc } from 'd3-scale';
import type { Label } from 'content-catalyst-sdk';
import type { Entry } from '../../api/catalogue.ts';
import { labelOf } from './filters.ts';

export interface Spot {
  entry: Entry;
  label: Label;
  x: number;
  y: number;
}

export interface Layout {
  /** In the order of their publication. */
  spots: Spot[];
  x: ScaleTime<number, number>;
  y: ScaleLogarithmic<number, number>;
  ticks: number[];
  /** The middle of the strip of those that cannot be compared; absent when there are none. */
  strip?: number;
  bottom: number;
}

export const MARGIN = { top: 12, end: 14, bottom: 26, start: 44 };
const STRIP = 30;

/** More marks than these are drawn as one picture; a pointer and the arrow keys find them all the same. */
export const MARKS = 200;

const STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000];

/** The lines to draw across: those of `STEPS` in the domain, thinned out to what has room. */
export function ticksWithin(low: number, high: number, room: number): number[] {
  const all = STEPS.filter((step) => step >= low && step <= high);
  const powers = all.filter((step) => Number.isInteger(Math.round(Math.log10(step) * 1e9) / 1e9));
  return all.length <= room ? all : powers;
}

export function layout(entries: readonly Entry[], width: number, height: number): Layout {
  const dated = entries.filter((entry): entry is Entry & { at: number } => entry.at !== null).sort((a, b) => a.at - b.at);
  const multipliers = dated.flatMap(({ multiplier }) => (multiplier === null ? [] : [Math.max(multiplier, 0.01)]));
  const hasStrip = multipliers.length < dated.length;
  const low = Math.min(0.5, ...extremes(multipliers)) / 1.15;
  const high = Math.max(2, ...extremes(multipliers)) * 1.15;
  const bottom = height - MARGIN.bottom - (hasStrip ? STRIP : 0);
  const first = dated[0]?.at ?? 0;
  const last = dated.at(-1)?.at ?? 1;
  const slack = Math.max((last - first) * 0.01, first === last ? 86_400_000 : 0);
  const x = scaleUtc([first - slack, last + slack], [MARGIN.start, width - MARGIN.end]);
  const y = scaleLog([low, high], [bottom, MARGIN.top]);
  const strip = hasStrip ? height - MARGIN.bottom - STRIP / 2 : undefined;
  const spots = dated.map((entry) => ({
    entry,
    label: labelOf(entry),
    x: x(entry.at),
    y: entry.multiplier === null ? (strip ?? bottom) : y(Math.max(entry.multiplier, 0.01)),
  }));
  return { spots, x, y, ticks: ticksWithin(low, high, Math.max(3, Math.floor(bottom / 34))), strip, bottom };
}

/** Smallest and largest, without the limit on arguments that `Math.min` has. */
function extremes(values: readonly number[]): number[] {
  if (values.length === 0) return [];
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** Those worth a mark of their own when there are too many: what lies farthest from the usual. */
export function notable(spots: readonly Spot[], room = MARKS): { marks: Spot[]; rest: Spot[] } {
  if (spots.length <= room) return { marks: [...spots], rest: [] };
  const distance = ({ entry: { multiplier } }: Spot) => (multiplier === null ? -1 : Math.abs(Math.log(Math.max(multiplier, 0.01))));
  const far = new Set([...spots].sort((a, b) => distance(b) - distance(a)).slice(0, room));
  return { marks: spots.filter((spot) => far.has(spot)), rest: spots.filter((spot) => !far.has(spot)) };
}

/** The spot that a pointer means: the nearest within reach, in pixels. */
export function nearest(spots: readonly Spot[], x: number, y: number, reach = 24): Spot | undefined {
  let best: Spot | undefined;
  let least = reach * reach;
  for (const spot of spots) {
    const away = (spot.x - x) ** 2 + (spot.y - y) ** 2;
    if (away <= least) [best, least] = [spot, away];
  }
  return best;
}

/** How the days below are told: by the year, the month or the day. */
export function grain(x: ScaleTime<number, number>): 'year' | 'month' | 'day' {
  const [first, last] = x.domain() as [Date, Date];
  const days = (last.getTime() - first.getTime()) / 86_400_000;
  return days > 1200 ? 'year' : days > 75 ? 'month' : 'day';
}
