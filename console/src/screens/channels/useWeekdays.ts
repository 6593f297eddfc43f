import { useMemo } from 'react';
import { formats } from '../../i18n/i18n.ts';

/** The days of a week from Monday on, in words. */
export function useWeekdays(): string[] {
  return useMemo(() => {
    const words = new Intl.DateTimeFormat(formats(), { weekday: 'long', timeZone: 'UTC' });
    // 1 January 2024 was a Monday.
    return Array.from({ length: 7 }, (_, n) => words.format(Date.UTC(2024, 0, 1 + n)));
  }, []);
}
