// The language of the words and of dates and numbers. Each screen brings its own catalogue; the shared one comes first.

import { i18n, type Messages } from '@lingui/core';

export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof LANGUAGES;

const KEPT = 'catalyst.language';

/** `pseudo` and `pseudo-rtl` show whether every word is translated and has room; tests choose them. */
type Chosen = Language | 'pseudo' | 'pseudo-rtl';

const isLanguage = (text: string | undefined): text is Language => text !== undefined && text in LANGUAGES;

function choose(): Chosen {
  const kept = localStorage.getItem(KEPT);
  if (kept === 'pseudo' || kept === 'pseudo-rtl') return kept;
  const wanted = [kept ?? undefined, ...navigator.languages.map((tag) => tag.split('-')[0])];
  return wanted.find(isLanguage) ?? 'en';
}

export const chosen = choose();
const source: Language = isLanguage(chosen) ? chosen : 'en';

export type Catalogue = (language: Language) => Promise<{ messages: Messages }>;

export async function addMessages(catalogue: Catalogue): Promise<void> {
  const { messages } = await catalogue(source);
  const shown = chosen === source ? messages : (await import('./pseudo.ts')).pseudo(messages);
  i18n.load(source, shown);
}

export async function startLanguage(): Promise<void> {
  document.documentElement.lang = source;
  document.documentElement.dir = chosen === 'pseudo-rtl' ? 'rtl' : 'ltr';
  // The reader's own form of the language decides how dates and numbers look.
  const region = navigator.languages.find((tag) => tag.split('-')[0] === source) ?? source;
  await addMessages((language) => import(`../locales/${language}.po`));
  i18n.activate(source, [region]);
}

export function speak(language: Language): void {
  localStorage.setItem(KEPT, language);
  location.reload();
}

/** For `Intl`: how dates and numbers are written. */
export const formats = (): string => i18n.locales?.[0] ?? i18n.locale;

/** What a route needs to bring its catalogue before it is shown. */
export const words = (catalogue: Catalogue) => ({ loader: () => addMessages(catalogue), staleTime: Number.POSITIVE_INFINITY });
