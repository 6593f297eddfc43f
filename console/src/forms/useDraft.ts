import { useState } from 'react';

/**
 * What somebody has typed, kept for this tab until it is sent: neither a reload nor a way back loses it. The third part forgets it.
 */
export function useDraft<T extends object>(name: string, empty: T): [T, (next: T) => void, () => void] {
  const key = `catalyst.draft ${name}`;
  const [draft, setDraft] = useState<T>(() => ({ ...empty, ...(JSON.parse(sessionStorage.getItem(key) ?? '{}') as Partial<T>) }));
  const keep = (next: T) => {
    setDraft(next);
    sessionStorage.setItem(key, JSON.stringify(next));
  };
  const forget = () => sessionStorage.removeItem(key);
  return [draft, keep, forget];
}
