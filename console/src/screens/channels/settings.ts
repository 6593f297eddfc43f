// A channel's settings as the form holds them, and what becomes of two changes that meet.

import type { Channel, ChannelChanges, WeeklySlot } from 'content-catalyst-sdk';

/** Lists of phrases are texts with one on each line. */
export interface Settings {
  zone: string;
  gap: string;
  slots: WeeklySlot[];
  topics: string;
  language: string;
  person: string;
  register: string;
  audience: string;
  use: string;
  avoid: string;
  calls: string;
  structure: string;
  links: string[];
}

export type Setting = keyof Settings;

const VOICE: readonly Setting[] = ['language', 'person', 'register', 'audience', 'use', 'avoid', 'calls', 'structure', 'links'];

const lines = (list: readonly string[] | undefined) => (list ?? []).join('\n');
const list = (text: string) => text.split('\n').map((line) => line.trim()).filter(Boolean);

export function settingsOf({ time_zone, minimum_gap_minutes, posting_slots, banned_topics, brand_voice: voice }: Channel): Settings {
  return {
    zone: time_zone,
    gap: String(minimum_gap_minutes),
    slots: inOrder(posting_slots),
    topics: lines(banned_topics),
    language: voice.language ?? '',
    person: voice.person ?? '',
    register: voice.register ?? '',
    audience: voice.audience ?? '',
    use: lines(voice.phrases_to_use),
    avoid: lines(voice.phrases_to_avoid),
    calls: lines(voice.calls_to_action),
    structure: lines(voice.structure),
    links: voice.link_blocks ?? [],
  };
}

/** By the day of the week and the time; the API wants no slot twice. */
export const inOrder = (slots: readonly WeeklySlot[]): WeeklySlot[] =>
  slots.map(({ weekday, time }) => ({ weekday, time: time.slice(0, 5) })).sort((a, b) => a.weekday - b.weekday || a.time.localeCompare(b.time));

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

const meaning = (settings: Settings, key: Setting): unknown => {
  const value = settings[key];
  if (key === 'slots') return inOrder(settings.slots);
  if (key === 'links') return settings.links.map((block) => block.trim()).filter(Boolean);
  if (['topics', 'use', 'avoid', 'calls', 'structure'].includes(key)) return list(value as string);
  return (value as string).trim();
};

/** What differs in meaning; blank lines and the order in which slots were added do not. */
export const differing = (a: Settings, b: Settings): Setting[] => (Object.keys(a) as Setting[]).filter((key) => !same(meaning(a, key), meaning(b, key)));

/** The changes that make `to` of `from`; the brand voice is sent as a whole. */
export function changesOf(from: Settings, to: Settings): ChannelChanges {
  const changed = differing(from, to);
  const changes: ChannelChanges = {};
  if (changed.includes('zone')) changes.time_zone = to.zone;
  if (changed.includes('gap')) changes.minimum_gap_minutes = Number(to.gap);
  if (changed.includes('slots')) changes.posting_slots = inOrder(to.slots);
  if (changed.includes('topics')) changes.banned_topics = list(to.topics);
  if (changed.some((key) => VOICE.includes(key))) {
    changes.brand_voice = {
      language: to.language.trim() || null,
      person: to.person.trim() || null,
      register: to.register.trim() || null,
      audience: to.audience.trim() || null,
      phrases_to_use: list(to.use),
      phrases_to_avoid: list(to.avoid),
      calls_to_action: list(to.calls),
      structure: list(to.structure),
      link_blocks: meaning(to, 'links') as string[],
    };
  }
  return changes;
}

export interface Merged {
  /** Every change of either side; where both changed the same, what stands in the form. */
  settings: Settings;
  /** What both have changed, and not to the same. */
  conflicts: Setting[];
}

/** Brings together what was typed and what was stored meanwhile, so that neither is lost. */
export function merge(base: Settings, mine: Settings, theirs: Settings): Merged {
  const [typed, stored] = [differing(base, mine), differing(base, theirs)];
  const settings = { ...mine };
  for (const key of stored) if (!typed.includes(key)) Object.assign(settings, { [key]: theirs[key] });
  return { settings, conflicts: stored.filter((key) => typed.includes(key) && !same(meaning(mine, key), meaning(theirs, key))) };
}
