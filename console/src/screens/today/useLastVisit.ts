import { useState } from 'react';

const KEPT = 'catalyst.visit';
const PAUSE = 3_600_000;

interface Visit {
  /** When the visit before this one was. */
  before: number | null;
  last: number;
}

/** When somebody was last here, in milliseconds; looks within one hour are one visit. */
export function useLastVisit(): number | null {
  const [before] = useState(() => {
    const now = Date.now();
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? 'null') as Visit | null;
    const visit: Visit = kept && now - kept.last < PAUSE ? { before: kept.before, last: now } : { before: kept?.last ?? null, last: now };
    localStorage.setItem(KEPT, JSON.stringify(visit));
    return visit.before;
  });
  return before;
}
