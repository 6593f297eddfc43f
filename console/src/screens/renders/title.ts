import type { Render } from 'content-catalyst-sdk';

/** How many characters of a script stand for a title. */
const ENOUGH = 70;

/** A film without a script's title is called by its first words. */
export function titleOf({ request }: Pick<Render, 'request'>): string {
  const first = request.script.trim().split('\n')[0] ?? '';
  return first.length <= ENOUGH ? first : `${first.slice(0, ENOUGH).replace(/\s+\S*$/, '')}…`;
}
