import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { useLingui } from '@lingui/react';
import type { Render, RenderState } from 'content-catalyst-sdk';
import { Badge, type Tone } from './Badge.tsx';

const WORDS: Record<RenderState, [Tone, MessageDescriptor]> = {
  requested: ['calm', msg`Ordered`],
  submitting: ['calm', msg`Being sent`],
  submit_unknown: ['warn', msg`Being looked into`],
  queued: ['calm', msg`In the queue`],
  rendering: ['calm', msg`Rendering`],
  ready: ['good', msg`Ready`],
  failed: ['bad', msg`Failed`],
  cancelled: ['plain', msg`Cancelled`],
  timed_out_unknown: ['warn', msg`Took too long`],
};

/** How far a film has come, in a word or two. */
export function RenderBadge({ render }: { render: Render }) {
  const { _ } = useLingui();
  const [tone, words] = render.confirmation === 'needed' ? (['warn', msg`Is it the right one?`] as const) : WORDS[render.state];
  return <Badge tone={tone}>{_(words)}</Badge>;
}
