/** So many requests of a minute are left to the other screens. */
const LEFT_OVER = 20;

/** How long to wait before the next page, in seconds, by the `RateLimit` header of the last: `"read";r=12;t=31`. */
export function breather(header: string | null): number {
  const [, left, seconds] = header?.match(/;r=(\d+).*;t=(\d+)/) ?? [];
  return left !== undefined && Number(left) < LEFT_OVER ? Number(seconds) : 0;
}
