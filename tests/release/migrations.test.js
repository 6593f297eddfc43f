// Going back means going back to the code before, on the database as it is now: so a migration takes nothing away that this code
// reads. What must go, goes a release after the last code that needed it, and its file says so in a line `-- contracts: …`.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const folder = new URL('../../supabase/migrations/', import.meta.url);
const TAKES_AWAY = [
  [/\bdrop\s+(table|view|materialized view|schema|type|domain|sequence)\b/, 'drops what the code before may read'],
  [/\bdrop\s+(function|procedure)\b/, 'drops what the code before may call'],
  [/\balter\s+table\b[^;]*\bdrop\s+(column\b|(?!constraint|not|default|identity|expression)\w)/, 'drops a column'],
  [/\balter\s+table\b[^;]*\brename\b/, 'renames what the code before knows by its old name'],
  [/\balter\s+(type|function|view|schema)\b[^;]*\brename\b/, 'renames what the code before knows by its old name'],
  [/\balter\s+(column\s+)?\w+\s+(set\s+data\s+)?type\b/, 'changes the type of a column'],
  [/\balter\s+column\s+\w+\s+set\s+not\s+null\b/, 'wants a value that the code before may not give'],
  [/\balter\s+column\s+\w+\s+drop\s+default\b/, 'wants a value that the code before may not give'],
  [/\btruncate\b(?!\s+on\b)/, 'empties a table'],
];

/** What of a migration the code before would not survive; bodies of functions and comments are not what it does. */
function takenAway(sql) {
  if (/^-- contracts: \S.*$/m.test(sql)) return [];
  const statements = sql
    .replace(/(\$\w*\$)[^]*?\1/g, "''")
    .replace(/--.*$/gm, '')
    .replace(/'(?:[^']|'')*'/g, "''")
    .toLowerCase()
    .split(';');
  return statements.flatMap((statement) => TAKES_AWAY.filter(([pattern]) => pattern.test(statement)).map(([, why]) => `${why}: ${statement.trim().slice(0, 80)}`));
}

test('the code before works on the database after each migration', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  assert.ok(files.length > 50);
  assert.deepEqual(files.flatMap((name) => takenAway(readFileSync(new URL(name, folder), 'utf8')).map((what) => `${name} ${what}`)), []);
});

test('what takes something away is noticed, and what adds is not', () => {
  for (const sql of [
    'drop table public.videos;',
    'alter table public.videos drop column title;',
    'alter table public.videos drop title;',
    'alter table public.videos rename column title to name;',
    'alter table public.videos alter column views type integer;',
    'alter table public.videos alter column title set not null;',
    'DROP FUNCTION engine.schedule_upload(uuid);',
    'truncate public.videos;',
  ]) {
    assert.equal(takenAway(sql).length, 1, sql);
    assert.deepEqual(takenAway(`-- contracts: nothing since 2.3 reads it\n${sql}`), []);
  }
  for (const sql of [
    'alter table public.videos add column summary text;',
    'alter table public.videos drop constraint videos_title_check;',
    'create or replace function engine.f() returns void language sql as $$ drop table x $$;',
    'drop policy if exists "a" on public.videos;',
    "comment on table public.videos is 'drop table';",
    'revoke truncate on public.videos from anon;',
  ]) {
    assert.deepEqual(takenAway(sql), [], sql);
  }
});
