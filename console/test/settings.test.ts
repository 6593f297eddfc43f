import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Channel } from 'content-catalyst-sdk';
import { changesOf, differing, merge, settingsOf } from '../src/screens/channels/settings.ts';

const channel = {
  time_zone: 'Europe/Berlin',
  minimum_gap_minutes: 60,
  posting_slots: [{ weekday: 4, time: '18:00' }, { weekday: 1, time: '09:30' }],
  banned_topics: ['wasps'],
  brand_voice: { language: 'en', phrases_to_use: ['buzz'], link_blocks: ['a\n\nb'] },
} as Partial<Channel> as Channel;
const base = settingsOf(channel);

test('blank lines and the order of slots change nothing', () => {
  const same = { ...base, topics: '\n wasps \n\n', slots: [...base.slots].reverse(), links: [...base.links, ' '] };
  assert.deepEqual(differing(base, same), []);
  assert.deepEqual(changesOf(base, same), {});
});

test('only what was changed is sent, the brand voice as a whole', () => {
  assert.deepEqual(changesOf(base, { ...base, gap: '90' }), { minimum_gap_minutes: 90 });
  assert.deepEqual(changesOf(base, { ...base, register: 'calm' }).brand_voice, {
    language: 'en',
    person: null,
    register: 'calm',
    audience: null,
    phrases_to_use: ['buzz'],
    phrases_to_avoid: [],
    calls_to_action: [],
    structure: [],
    link_blocks: ['a\n\nb'],
  });
});

test('two changes that meet are both kept, and only what both have changed is asked about', () => {
  const mine = { ...base, topics: 'hornets', register: 'calm', audience: 'beekeepers' };
  const theirs = { ...base, topics: 'flies', gap: '120', audience: 'beekeepers' };
  const { settings, conflicts } = merge(base, mine, theirs);
  assert.deepEqual(conflicts, ['topics']);
  assert.equal(settings.topics, 'hornets');
  assert.equal(settings.register, 'calm');
  assert.equal(settings.gap, '120');
});

test('where nothing was typed theirs is taken', () => {
  const theirs = { ...base, slots: [] };
  assert.deepEqual(merge(base, base, theirs), { settings: theirs, conflicts: [] });
});
