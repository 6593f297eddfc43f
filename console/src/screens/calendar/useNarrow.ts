import { useSyncExternalStore } from 'react';

/** Below this width a calendar is an agenda. */
const narrow = matchMedia('(max-width: 639px)');

function subscribe(listener: () => void) {
  narrow.addEventListener('change', listener);
  return () => narrow.removeEventListener('change', listener);
}

export const useNarrow = () => useSyncExternalStore(subscribe, () => narrow.matches);
