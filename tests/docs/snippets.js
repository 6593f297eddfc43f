// Fenced code of a Markdown page, in order: language, code, line, and the output that the page says it has.

import { readFileSync } from 'node:fs';

/** Pages whose shell commands are run on a stack, with a user's token. */
export const SHELL = ['docs/guide.md', 'docs/webhooks.md', 'sdk/README.md'];

export function snippets(page) {
  const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8');
  const found = [...text.matchAll(/^```(\w*)[^\n]*\n([^]*?)^```$/gm)].map(({ 1: language, 2: code, index }) => ({
    language,
    code,
    line: text.slice(0, index).split('\n').length + 1,
  }));
  return found.flatMap((snippet, n) => {
    if (snippet.language === 'text') return [];
    const next = found[n + 1];
    return [{ ...snippet, output: next?.language === 'text' ? next.code : undefined }];
  });
}

/** One module of a page's JavaScript: what a snippet declares is there for the next. */
export function moduleOf(parts) {
  const imports = [];
  const body = parts.map(({ code, line }) => {
    const rest = code.replace(/^import .*;\n/gm, (found) => (imports.push(found), ''));
    return `{ globalThis.at(${line}); }\n${rest}`;
  });
  return [...new Set(imports), ...body, 'globalThis.at(undefined);\n'].join('');
}
