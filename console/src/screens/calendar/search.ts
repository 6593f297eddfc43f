// What the address of the calendar says.

export const VIEWS = ['week', 'month', 'agenda'] as const;
export type View = (typeof VIEWS)[number];

export interface CalendarSearch {
  view?: View;
  /** The day that is shown, `2026-11-30`. */
  day?: string;
  /** The upload that is looked at. */
  upload?: string;
  channel?: string;
}

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

export const readSearch = (search: Record<string, unknown>): CalendarSearch => ({
  view: VIEWS.find((view) => view === search.view),
  day: /^\d{4}-\d\d-\d\d$/.test(text(search.day) ?? '') ? text(search.day) : undefined,
  upload: text(search.upload),
  channel: text(search.channel),
});
