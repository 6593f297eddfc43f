import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differences } from '../src/components/diff.ts';

const text = (kinds: string[], before: string, after: string) =>
  differences(before, after)
    .filter(({ kind }) => kinds.includes(kind))
    .map((piece) => piece.text)
    .join('');

test('both versions can be read out of their differences', () => {
  for (const [before, after] of [
    ['', ''],
    ['Honey never spoils.', ''],
    ['', 'Honey never spoils.'],
    ['Honey never spoils.', 'Why honey never, ever spoils!'],
    ['a\n\nb c', 'b c\na'],
    ['Bienen fliegen', 'Bienen fliegen'],
  ] as const) {
    assert.equal(text(['same', 'gone'], before, after), before);
    assert.equal(text(['same', 'new'], before, after), after);
  }
});

test('what stays is not said to have changed', () => {
  assert.deepEqual(differences('one two three', 'one 2 three'), [
    { kind: 'same', text: 'one ' },
    { kind: 'gone', text: 'two' },
    { kind: 'new', text: '2' },
    { kind: 'same', text: ' three' },
  ]);
});
