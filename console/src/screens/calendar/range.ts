// Which days a view shows, and its neighbours.

import { type CalendarDate, endOfMonth, endOfWeek, startOfMonth, startOfWeek } from '@internationalized/date';
import type { View } from './search.ts';

/** How many days the agenda looks ahead. */
const AHEAD = 28;

/** All days of a view around one, in order; a month is filled up to whole weeks. */
export function daysOf(view: View, day: CalendarDate, locale: string): CalendarDate[] {
  const [first, last] =
    view === 'agenda'
      ? [day, day.add({ days: AHEAD - 1 })]
      : view === 'week'
        ? [startOfWeek(day, locale), endOfWeek(day, locale)]
        : [startOfWeek(startOfMonth(day), locale), endOfWeek(endOfMonth(day), locale)];
  const days: CalendarDate[] = [];
  for (let each = first; each.compare(last) <= 0; each = each.add({ days: 1 })) days.push(each);
  return days;
}

/** The same view before or after. */
export function beside(view: View, day: CalendarDate, by: 1 | -1): CalendarDate {
  if (view === 'month') return startOfMonth(day).add({ months: by });
  return day.add({ days: by * (view === 'week' ? 7 : AHEAD) });
}
