import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { useLingui } from '@lingui/react';
import type { Upload, UploadState } from 'content-catalyst-sdk';
import { Badge, type Tone } from './Badge.tsx';

const WORDS: Record<UploadState, [Tone, MessageDescriptor]> = {
  scheduled: ['plain', msg`Scheduled`],
  preparing: ['calm', msg`Preparing`],
  uploading: ['calm', msg`Uploading`],
  processing: ['calm', msg`YouTube is processing`],
  on_youtube: ['good', msg`On YouTube, goes public by itself`],
  published: ['good', msg`Published`],
  needs_attention: ['bad', msg`Needs you`],
  outcome_unknown: ['warn', msg`Being looked into`],
  cancelled: ['plain', msg`Cancelled`],
  failed: ['bad', msg`Failed`],
};

/** How far a publication has come, in a word or two. */
export function UploadBadge({ upload }: { upload: Upload }) {
  const { _ } = useLingui();
  const [tone, words] = WORDS[upload.state];
  return <Badge tone={tone}>{_(words)}</Badge>;
}
