// Which videos are shown, as the address says it.

import type { Entry } from '../../api/catalogue.ts';

export const FORMATS = ['short', 'long', 'live'] as const;
export const LABELS = ['outlier', 'above', 'typical', 'below', 'provisional', 'too_recent', 'insufficient_data'] as const;
export const SORTS = ['newest', 'oldest', 'best', 'worst', 'views'] as const;

type OneLabel = (typeof LABELS)[number];
export type Sort = (typeof SORTS)[number];

export interface Filters {
  /** Words of the title. */
  q?: string;
  format?: (typeof FORMATS)[number];
  /** Labels, with commas. */
  label?: string;
  /** First and last day, on the channel's calendar: `2026-11-30`. */
  from?: string;
  to?: string;
  sort?: Sort;
  channel?: string;
}

const text = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value) : undefined);
const day = (value: unknown) => (typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value)) ? value : undefined);

/** What an address asks for; whatever it says amiss is left out. */
export function readFilters(search: Record<string, unknown>): Filters {
  const labels = chosenLabels(text(search.label));
  return {
    q: text(search.q) || undefined,
    format: FORMATS.find((format) => format === search.format),
    label: labels.length > 0 ? labels.join() : undefined,
    from: day(search.from),
    to: day(search.to),
    sort: SORTS.find((sort) => sort === search.sort && sort !== 'newest'),
    channel: text(search.channel),
  };
}

export const chosenLabels = (label: string | undefined): OneLabel[] => LABELS.filter((each) => label?.split(',').includes(each));

/** The label by which a video is filtered: one that was never scored has nothing to be compared with. */
export const labelOf = ({ label }: Entry): OneLabel => label ?? 'insufficient_data';

/** First millisecond of a day and the first after it, on the channel's calendar. */
export type Bounds = (day: string) => [number, number];

/** All but the label, which its own buttons count. */
export function unlabelled(entries: readonly Entry[], { q, format, from, to }: Filters, bounds: Bounds): Entry[] {
  const words = q?.toLocaleLowerCase().split(/\s+/).filter(Boolean) ?? [];
  const first = from ? bounds(from)[0] : -Infinity;
  const end = to ? bounds(to)[1] : Infinity;
  const everyDay = !from && !to;
  return entries.filter((entry) => {
    if (format && entry.format !== format) return false;
    if (!everyDay && (entry.at === null || entry.at < first || entry.at >= end)) return false;
    if (words.length === 0) return true;
    const title = entry.title.toLocaleLowerCase();
    return words.every((word) => title.includes(word));
  });
}

export function withLabels(entries: readonly Entry[], label: string | undefined): readonly Entry[] {
  const wanted = new Set(chosenLabels(label));
  return wanted.size === 0 ? entries : entries.filter((entry) => wanted.has(labelOf(entry)));
}

export function counts(entries: readonly Entry[]): Record<OneLabel, number> {
  const found = Object.fromEntries(LABELS.map((label) => [label, 0])) as Record<OneLabel, number>;
  for (const entry of entries) found[labelOf(entry)] += 1;
  return found;
}

/** What is unknown comes last, whatever the order. */
function by(value: (entry: Entry) => number | null, direction: 1 | -1) {
  return (a: Entry, b: Entry) => {
    const [one, other] = [value(a), value(b)];
    if (one === null || other === null) return (one === null ? 1 : 0) - (other === null ? 1 : 0);
    return direction * (one - other);
  };
}

const ORDERS: Record<Sort, (a: Entry, b: Entry) => number> = {
  newest: by(({ at }) => at, -1),
  oldest: by(({ at }) => at, 1),
  best: by(({ multiplier }) => multiplier, -1),
  worst: by(({ multiplier }) => multiplier, 1),
  views: by(({ views }) => views, -1),
};

export const inOrder = (entries: readonly Entry[], sort: Sort = 'newest'): Entry[] => [...entries].sort(ORDERS[sort]);
