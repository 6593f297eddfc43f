const DAY = 86_400_000;

/** From when on uploads are shown, in ISO form: the same for a whole hour, so that one answer serves it. */
export function since(now = Date.now()): string {
  const hour = Math.floor(now / 3_600_000) * 3_600_000;
  return new Date(hour - 30 * DAY).toISOString();
}
