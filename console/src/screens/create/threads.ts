// Texts that were made of each other belong together: ideas, their titles and scripts, a script's description.

import type { ContentSummary } from 'content-catalyst-sdk';

const ORDER = ['ideas', 'titles', 'script', 'description'];

/** The newest revision of every piece, in threads; pieces in the order of the work, the thread with the newest piece first. */
export function threadsOf(pieces: readonly ContentSummary[]): ContentSummary[][] {
  const newest = new Map<string, ContentSummary>();
  for (const piece of pieces) {
    const known = newest.get(piece.root_id);
    if (!known || piece.revision > known.revision) newest.set(piece.root_id, piece);
  }
  const rootOf = new Map(pieces.map(({ id, root_id }) => [id, root_id]));
  const source = new Map<string, string>();
  for (const { root_id, source_id } of pieces) {
    const from = source_id ? rootOf.get(source_id) : undefined;
    if (from && from !== root_id) source.set(root_id, from);
  }
  const first = (root: string, seen = new Set<string>()): string => {
    const before = source.get(root);
    return before && !seen.has(before) ? first(before, seen.add(root)) : root;
  };
  const threads = new Map<string, ContentSummary[]>();
  for (const piece of newest.values()) {
    const root = first(piece.root_id);
    threads.set(root, [...(threads.get(root) ?? []), piece]);
  }
  const age = (thread: ContentSummary[]) => Math.max(...thread.map(({ created_at }) => Date.parse(created_at)));
  return [...threads.values()]
    .map((thread) => thread.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || a.created_at.localeCompare(b.created_at)))
    .sort((a, b) => age(b) - age(a));
}
