// Brings back what this browser kept of the last visit, for the same person only, and keeps what comes. A browser that keeps
// nothing shows nothing offline, and all else.

import { type DehydratedState, dehydrate, hydrate } from '@tanstack/react-query';
import { currentSession, onSessionChange } from '../session/session.ts';
import { cache, DAY } from './cache.ts';
import { forget, keep, recall } from './kept.ts';

/** Grows when answers are kept in another form. */
const FORM = 1;

interface Kept {
  form: number;
  person: string;
  at: number;
  queries: DehydratedState;
}

const whoever = () => {
  const session = currentSession();
  return session.is === 'out' ? undefined : session.person.id;
};

export async function keepCache(): Promise<void> {
  let person = whoever();
  const last = (await recall().catch(() => undefined)) as Kept | undefined;
  if (last && last.form === FORM && last.person === person && Date.now() - last.at < 7 * DAY) {
    hydrate(cache, last.queries);
    // It is shown at once, and asked for again wherever it is shown.
    await cache.invalidateQueries({ refetchType: 'none' });
  }

  let due: number | undefined;
  cache.getQueryCache().subscribe(({ type }) => {
    if (type !== 'updated' || !person || due) return;
    due = window.setTimeout(() => {
      due = undefined;
      if (person) void keep({ form: FORM, person, at: Date.now(), queries: dehydrate(cache) } satisfies Kept).catch(() => undefined);
    }, 2000);
  });

  let was = currentSession().is;
  onSessionChange(() => {
    const resumed = was === 'ended' && currentSession().is === 'in';
    was = currentSession().is;
    // What was refused meanwhile is asked for again.
    if (resumed) void cache.invalidateQueries();
    if (whoever() === person) return;
    // Nobody sees what somebody else has looked at.
    cache.clear();
    void forget().catch(() => undefined);
    person = whoever();
  });
}
