// Wall clocks of zones. Instants are ISO texts or milliseconds; zones are IANA names.

import { CalendarDateTime, type CalendarDate, fromAbsolute, parseDateTime, toCalendarDate, toZoned } from '@internationalized/date';

/** The reader's own zone. */
export const hereZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

const absolute = (at: string | number) => (typeof at === 'number' ? at : Date.parse(at));

/** The day on a zone's calendar. */
export const dayIn = (at: string | number, zone: string): CalendarDate => toCalendarDate(fromAbsolute(absolute(at), zone));

/** The time on a zone's clocks, `2026-03-29T18:00`. */
export function localTime(at: string | number, zone: string): string {
  return fromAbsolute(absolute(at), zone).toString().slice(0, 16);
}

/**
 * The instant of a local time in milliseconds. A time that the clocks skip moves forward by the gap; of one that they repeat the
 * first is meant: so does the API.
 */
export const instantOf = (local: string, zone: string): number => toZoned(parseDateTime(local), zone, 'compatible').toDate().getTime();

/** Whether two zones show the same time at an instant. */
export const sameClock = (at: string | number, one: string, other: string): boolean => one === other || localTime(at, one) === localTime(at, other);

/** The instants at which a day of a zone begins and ends: 23, 24 or 25 hours apart. */
export function boundsOf(day: CalendarDate, zone: string): [number, number] {
  const start = (date: CalendarDate) => toZoned(new CalendarDateTime(date.year, date.month, date.day), zone, 'compatible').toDate().getTime();
  return [start(day), start(day.add({ days: 1 }))];
}

/** The same time of day on another day, as an instant in milliseconds. */
export function onDay(at: string | number, day: CalendarDate, zone: string): number {
  return instantOf(`${day.toString()}T${localTime(at, zone).slice(11)}`, zone);
}
