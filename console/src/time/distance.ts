const UNITS = [
  ['year', 31_557_600_000],
  ['month', 2_629_800_000],
  ['week', 604_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** Milliseconds in the largest unit that they fill; below a minute it is now. */
export function distance(milliseconds: number): { value: number; unit: (typeof UNITS)[number][0] | 'second' } {
  for (const [unit, size] of UNITS) {
    if (Math.abs(milliseconds) >= size) return { value: Math.trunc(milliseconds / size), unit };
  }
  return { value: 0, unit: 'second' };
}
