import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContentSummary } from 'content-catalyst-sdk';
import { threadsOf } from '../src/screens/create/threads.ts';

const piece = (id: string, kind: string, at: number, more: Partial<ContentSummary> = {}) =>
  ({ id, kind, root_id: id, revision: 1, created_at: new Date(at * 1000).toISOString(), ...more }) as ContentSummary;

const ids = (pieces: ContentSummary[]) => threadsOf(pieces).map((thread) => thread.map(({ id }) => id));

test('texts that were made of each other are one thread, in the order of the work', () => {
  const pieces = [
    piece('description', 'description', 9, { source_id: 'script' }),
    piece('script', 'script', 5, { source_id: 'titles' }),
    piece('titles', 'titles', 3, { source_id: 'ideas' }),
    piece('ideas', 'ideas', 1),
    piece('other', 'ideas', 7),
  ];
  assert.deepEqual(ids(pieces), [['ideas', 'titles', 'script', 'description'], ['other']]);
});

test('of several revisions the newest stands for the piece, whichever of them something was made of', () => {
  const pieces = [
    piece('second', 'script', 8, { root_id: 'first', revision: 2 }),
    piece('description', 'description', 4, { source_id: 'first' }),
    piece('first', 'script', 2),
  ];
  assert.deepEqual(ids(pieces), [['second', 'description']]);
});

test('a source that is not in the list ends the thread there', () => {
  assert.deepEqual(ids([piece('script', 'script', 1, { source_id: 'archived' })]), [['script']]);
});
