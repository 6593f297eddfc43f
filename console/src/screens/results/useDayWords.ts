import { useMemo } from 'react';
import { formats } from '../../i18n/i18n.ts';

/** A day in words, from milliseconds; one formatter for thousands of them. */
export function useDayWords(): (at: number) => string {
  return useMemo(() => {
    const words = new Intl.DateTimeFormat(formats(), { dateStyle: 'medium' });
    return (at) => words.format(at);
  }, []);
}
