// The commands of the documentation, as somebody would type them: those of fenced shell code, and those within sentences.

import { readFileSync, readdirSync } from 'node:fs';

const root = new URL('../../', import.meta.url);
const PROGRAMS = /^(make|catalyst|catalyst-dev|cargo|vercel|supabase|gh|(?:scripts|tests)\/\S+) \S/;

export const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'ARCHITECTURE.md',
  'sdk/README.md',
  'examples/next/README.md',
  ...readdirSync(new URL('docs/', root)).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
];

export const textOf = (page) => readFileSync(new URL(page, root), 'utf8');
const lineOf = (text, index) => text.slice(0, index).split('\n').length;

/** `a b | c` are two commands, `a b` and `a c`. */
function alternatives(command) {
  const [first, ...others] = command.split(/\s*\\?\|\s*/);
  if (!others.every((word) => /^[a-z-]+$/.test(word))) return [command];
  return [first, ...others.map((word) => first.replace(/\S+$/, word))];
}

/** Of each: page, line, the command without what is said about it, and whether it stands in fenced code. */
export function commandsOf(page) {
  const text = textOf(page);
  const found = [];
  for (const fence of text.matchAll(/^( *)```(sh|bash|shell|console)[^\n]*\n([^]*?)^\1```$/gm)) {
    const start = lineOf(text, fence.index) + 1;
    let command = '';
    for (const [n, whole] of fence[3].split('\n').entries()) {
      // In a console the commands have a prompt, and what has none is their output.
      if (fence[2] === 'console' && !command && !whole.trimStart().startsWith('$ ')) continue;
      const line = whole.replace(/^ *\$ /, '');
      command += line.trimStart().replace(/(^|\s)#\s.*$/, '').trimEnd();
      if (command.endsWith('\\')) {
        command = `${command.slice(0, -1).trimEnd()} `.replace(/ +/g, ' ');
        continue;
      }
      for (const part of command.trim().split(/\s+&&\s+(?![^(]*\))/)) if (part) found.push({ page, line: start + n, command: part.replace(/\s+/g, ' '), fenced: true });
      command = '';
    }
  }
  const sentences = text.replace(/^( *)```[^]*?^\1```$/gm, (code) => code.replace(/[^\n]/g, ' '));
  for (const span of sentences.matchAll(/`([^`]+)`/g)) {
    const command = span[1].replace(/\s+/g, ' ');
    if (!PROGRAMS.test(command)) continue;
    for (const each of alternatives(command)) found.push({ page, line: lineOf(text, span.index), command: each, fenced: false });
  }
  return found;
}
