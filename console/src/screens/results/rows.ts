/** Rows that are drawn above and below those in sight. */
const SPARE = 8;

/** The rows of which something shows, and a few around them, in steps that keep scrolling calm. `scrolled` is how far the list's top is above the window's, in pixels. */
export function rowsInView(scrolled: number, window: number, height: number, count: number): [first: number, end: number] {
  const first = Math.max(0, Math.floor(scrolled / height) - SPARE);
  const end = Math.ceil((scrolled + window) / height) + SPARE;
  const calm = first - (first % 4);
  return [Math.min(calm, Math.max(0, count - 1)), Math.max(0, Math.min(count, end + 4 - (end % 4)))];
}
