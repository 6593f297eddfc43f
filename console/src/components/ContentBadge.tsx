import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { useLingui } from '@lingui/react';
import type { ContentKind, ContentState } from 'content-catalyst-sdk';
import { Badge, type Tone } from './Badge.tsx';

const STATES: Record<ContentState, [Tone, MessageDescriptor]> = {
  generating: ['calm', msg`Being written`],
  draft: ['warn', msg`Draft`],
  approved: ['good', msg`Approved`],
  rejected: ['plain', msg`Rejected`],
  superseded: ['plain', msg`Older version`],
  failed: ['bad', msg`Failed`],
  archived: ['plain', msg`Archived`],
};

export const KINDS: Record<ContentKind, MessageDescriptor> = {
  ideas: msg`Ideas`,
  titles: msg`Titles`,
  script: msg`Script`,
  description: msg`Description`,
};

/** How far a text has come, in a word or two. */
export function ContentBadge({ state }: { state: ContentState }) {
  const { _ } = useLingui();
  const [tone, words] = STATES[state];
  return <Badge tone={tone}>{_(words)}</Badge>;
}
