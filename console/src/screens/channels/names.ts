import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import type { Setting } from './settings.ts';

export const NAMES: Record<Setting, MessageDescriptor> = {
  zone: msg`Time zone`,
  gap: msg`Minutes between two publications, at least`,
  slots: msg`Posting slots`,
  topics: msg`Topics to avoid`,
  language: msg`Language`,
  person: msg`Who speaks`,
  register: msg`Tone`,
  audience: msg`Who watches`,
  use: msg`Phrases that belong to the channel`,
  avoid: msg`Phrases to avoid`,
  calls: msg`Calls to action`,
  structure: msg`Habits of structure`,
  links: msg`Blocks of links`,
};

/** Where the API's problems with a setting point to. */
export const POINTERS: Record<Setting, string> = {
  zone: '/time_zone',
  gap: '/minimum_gap_minutes',
  slots: '/posting_slots',
  topics: '/banned_topics',
  language: '/brand_voice/language',
  person: '/brand_voice/person',
  register: '/brand_voice/register',
  audience: '/brand_voice/audience',
  use: '/brand_voice/phrases_to_use',
  avoid: '/brand_voice/phrases_to_avoid',
  calls: '/brand_voice/calls_to_action',
  structure: '/brand_voice/structure',
  links: '/brand_voice/link_blocks',
};
