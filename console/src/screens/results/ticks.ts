// Lines across a logarithmic scale of views.

export const MARGIN = { top: 12, end: 18, bottom: 28, start: 52 };

/** 1, 2, 5, 10 …, within the domain; powers of ten alone when that is more than there is room for. */
export function ticksFor([low, high]: [number, number], room: number): number[] {
  const ticks: number[] = [];
  for (let power = 1; power <= high; power *= 10) for (const step of [1, 2, 5]) if (power * step >= low && power * step <= high) ticks.push(power * step);
  if (ticks.length <= room) return ticks;
  const powers = ticks.filter((tick) => Number.isInteger(Math.round(Math.log10(tick) * 1e9) / 1e9));
  return powers.length > 1 ? powers : ticks.filter((_, n) => n % 2 === 0);
}
