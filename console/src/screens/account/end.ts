/** What the last line of a part of an export says. */
interface End {
  complete: boolean;
  cursor?: string | null;
  rows: number;
}

/** The `end` of a part; a part without one was cut off. */
export function endOf(part: string): End {
  const line = part.trimEnd().split('\n').at(-1) ?? '';
  const { end } = (line ? JSON.parse(line) : {}) as { end?: End };
  if (!end) throw new TypeError('The export was cut off.');
  return end;
}
