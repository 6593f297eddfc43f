import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { Filters } from './filters.ts';

/** How long typing rests before the address follows, in milliseconds. */
const REST = 300;

/** The filters: at once on the screen, and a moment later in the address. */
export function useFilters() {
  const inAddress = useSearch({ from: '/shell/results' });
  const navigate = useNavigate();
  const [filters, setFilters] = useState<Filters>(inAddress);
  const written = useRef<Filters>(inAddress);
  const timer = useRef<number>(undefined);

  useEffect(() => {
    // Somebody went back, or followed a link.
    if (inAddress !== written.current && JSON.stringify(inAddress) !== JSON.stringify(written.current)) setFilters(inAddress);
    written.current = inAddress;
  }, [inAddress]);

  function become(next: Filters) {
    setFilters(next);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      written.current = next;
      void navigate({ to: '/results', search: next, replace: true, resetScroll: false });
    }, REST);
  }
  useEffect(() => () => clearTimeout(timer.current), []);

  const { channel, sort, ...narrowing } = filters;
  return {
    filters,
    change: (some: Partial<Filters>) => become({ ...filters, ...some }),
    clear: () => become({ channel, sort }),
    isFiltered: Object.values(narrowing).some(Boolean),
  };
}
