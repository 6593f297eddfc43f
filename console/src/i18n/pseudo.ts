// Words that are longer and look foreign: whatever stays plain on a screen was never translated, whatever is cut has no room.

import type { Messages } from '@lingui/core';

const FOREIGN: Record<string, string> = { a: 'á', e: 'ë', i: 'ï', o: 'ö', u: 'ü', c: 'ç', n: 'ñ', s: 'š', A: 'Å', E: 'Ë', I: 'Ï', O: 'Ø', U: 'Ü' };

export function stretch(text: string): string {
  if (!/\p{L}/u.test(text)) return text;
  // Tags of rich text are not words.
  const foreign = text.replace(/<\/?\d+\/?>|[a-zA-Z]/g, (part) => FOREIGN[part] ?? part);
  return `${foreign}${'~'.repeat(Math.ceil(text.length * 0.3))}`;
}

type Token = string | unknown[] | { [form: string]: unknown };

function each(token: Token): Token {
  if (typeof token === 'string') return stretch(token);
  if (!Array.isArray(token)) return token;
  // [name, kind, forms]: only the forms hold words.
  return token.map((part, n) => (n === 2 && typeof part === 'object' && part !== null ? forms(part as Record<string, Token>) : part));
}

function forms(all: Record<string, Token>): Record<string, Token> {
  return Object.fromEntries(
    Object.entries(all).map(([form, value]) => [form, Array.isArray(value) ? value.map((part) => each(part as Token)) : form === 'offset' ? value : each(value)]),
  );
}

export function pseudo(messages: Messages): Messages {
  return Object.fromEntries(
    Object.entries(messages).map(([id, message]) => [id, Array.isArray(message) ? message.map((part) => each(part as Token)) : stretch(message)]),
  ) as Messages;
}
