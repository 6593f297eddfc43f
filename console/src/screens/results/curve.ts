// A video's views by its age, and what is usual at these ages. Ages are hours since the publication.

import type { Basis, SeriesPoint, UsualRange, VideoDetail } from 'content-catalyst-sdk';

export interface CurvePoint {
  age: number;
  views: number;
  at: string;
}

export interface BandPoint {
  age: number;
  low: number;
  typical: number;
  high: number;
}

/** What is counted: numbers of different bases are not comparable, so one is chosen; the one of the score, if it was measured. */
export function basisOf(video: Pick<VideoDetail, 'score' | 'series'>): Basis | undefined {
  const measured = (basis: Basis) => video.series.filter((point) => point.basis === basis).length;
  const wanted = video.score?.basis;
  if (wanted && measured(wanted) > 1) return wanted;
  const bases = [...new Set(video.series.map(({ basis }) => basis))];
  return bases.sort((a, b) => measured(b) - measured(a))[0] ?? wanted;
}

/** The measured points in the order of their ages; what was seen before an hour of age is left out. */
export function curveOf(series: readonly SeriesPoint[], basis: Basis | undefined): CurvePoint[] {
  return series
    .filter((point) => point.basis === basis && point.age_hours >= 1)
    .map((point) => ({ age: point.age_hours, views: point.views, at: point.observed_at }))
    .sort((a, b) => a.age - b.age);
}

/**
 * Where the middle half of the channel's videos of this format lie, by age. Totals have no age: their band runs from the age at
 * which totals are compared.
 */
export function bandOf(baselines: readonly UsualRange[], format: string | null | undefined, basis: Basis | undefined, oldest: number): BandPoint[] {
  const fitting = baselines.filter((usual) => usual.basis === basis && (usual.format ?? null) === (format ?? null));
  const points = fitting
    .filter((usual) => usual.checkpoint_hours != null)
    .map((usual) => ({ age: usual.checkpoint_hours as number, low: usual.usual_from, typical: usual.typical_views, high: usual.usual_to }))
    .sort((a, b) => a.age - b.age);
  if (points.length > 0) return points;
  const totals = fitting.find((usual) => usual.checkpoint_hours == null);
  if (!totals) return [];
  const flat = { low: totals.usual_from, typical: totals.typical_views, high: totals.usual_to };
  return [
    { age: Math.min(TOTALS_FROM, oldest), ...flat },
    { age: Math.max(oldest, TOTALS_FROM + 1), ...flat },
  ];
}

/** Videos are compared by totals from this age on. */
const TOTALS_FROM = 720;

const AGES = [1, 6, 24, 72, 168, 720, 2160, 8760, 43_800, 87_600];

/** The ages to name below the curve. */
export const agesWithin = (first: number, last: number): number[] => AGES.filter((age) => age >= first && age <= last);

/** Those of them that have room for their names: `gap` pixels from one to the next, the oldest first served. */
export function spaced(ages: readonly number[], x: (age: number) => number, gap: number): number[] {
  const kept: number[] = [];
  for (const age of [...ages].reverse()) if (kept.length === 0 || x(kept[0] as number) - x(age) >= gap) kept.unshift(age);
  return kept;
}

/** An age in its usual unit. */
export function ageUnit(hours: number): { value: number; unit: 'hour' | 'day' | 'month' | 'year' } {
  if (hours >= 8760) return { value: Math.round(hours / 8760), unit: 'year' };
  if (hours >= 2160) return { value: Math.round(hours / 730), unit: 'month' };
  if (hours >= 24) return { value: Math.round(hours / 24), unit: 'day' };
  return { value: Math.round(hours), unit: 'hour' };
}
