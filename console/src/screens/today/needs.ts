// What waits for somebody, most urgent first.

import { t } from '@lingui/core/macro';
import type { LinkProps } from '@tanstack/react-router';
import type { ContentSummary, Render, Upload } from 'content-catalyst-sdk';
import type { SeenChannel } from '../../api/channels.ts';
import { needsSomebody } from '../../api/uploads.ts';

export interface Need {
  key: string;
  title: string;
  why: string;
  action: string;
  link: Pick<LinkProps, 'to' | 'params' | 'search'>;
  isUrgent?: boolean;
}

/** How many films and scripts are shown; the rest stands on their screens. */
const FEW = 3;

export function needsOf(channel: SeenChannel, uploads: Upload[], renders: Render[], pieces: ContentSummary[]): Need[] {
  const used = new Set(uploads.filter(({ state }) => state !== 'cancelled' && state !== 'failed').map(({ render_id }) => render_id));
  const rendered = new Set(renders.map(({ content_id }) => content_id));
  return [
    ...(channel.attention ?? []).map((each) => ofChannel(channel, each)),
    ...uploads.filter(needsSomebody).map(ofUpload),
    ...renders.filter(({ confirmation }) => confirmation === 'needed').map(toConfirm),
    ...renders.filter(({ id, state, confirmation }) => state === 'ready' && confirmation !== 'needed' && !used.has(id)).slice(0, FEW).map(toSchedule),
    ...pieces.filter(({ kind, state, id }) => kind === 'script' && state === 'approved' && !rendered.has(id)).slice(0, FEW).map(toRender),
    ...pieces.filter(({ kind, state }) => kind === 'script' && state === 'draft').slice(0, FEW).map(toDecide),
  ];
}

const ofChannel = (channel: SeenChannel, { code, message }: { code: string; message: string }): Need => ({
  key: `channel ${code}`,
  title: channel.title,
  why: message,
  action: t`See the channel`,
  link: { to: '/channels/$id', params: { id: channel.id } },
  isUrgent: channel.state !== 'connected',
});

const ofUpload = (upload: Upload): Need => ({
  key: `upload ${upload.id}`,
  title: upload.title,
  why: upload.explanation ?? upload.last_error?.message ?? t`Its publication does not go on by itself.`,
  action: t`See what to do`,
  link: { to: '/calendar', search: { upload: upload.id } },
  isUrgent: true,
});

const toConfirm = (render: Render): Need => ({
  key: `confirm ${render.id}`,
  title: t`Is this the right film?`,
  why: t`It was recognised by its time alone. Watch it before it is used.`,
  action: t`Watch it`,
  link: { to: '/renders/$id', params: { id: render.id } },
  isUrgent: true,
});

const toSchedule = (render: Render): Need => ({
  key: `schedule ${render.id}`,
  title: t`A film is ready`,
  why: t`Watch it, and choose when it goes out.`,
  action: t`Watch and schedule`,
  link: { to: '/renders/$id', params: { id: render.id } },
});

const toRender = (piece: ContentSummary): Need => ({
  key: `render ${piece.id}`,
  title: piece.title ?? t`A script`,
  why: t`The script is approved. See what the film would cost.`,
  action: t`Render it`,
  link: { to: '/content/$id', params: { id: piece.id } },
});

const toDecide = (piece: ContentSummary): Need => ({
  key: `decide ${piece.id}`,
  title: piece.title ?? t`A script`,
  why: t`The script waits for your decision.`,
  action: t`Read it`,
  link: { to: '/content/$id', params: { id: piece.id } },
});
