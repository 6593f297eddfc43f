import type { EventType } from 'content-catalyst-sdk';

/** What an endpoint can be told of; a `ping` comes to all of them. */
export const EVENTS: Record<'upload' | 'render' | 'channel', readonly EventType[]> = {
  upload: [
    'upload.scheduled',
    'upload.rescheduled',
    'upload.started',
    'upload.on_youtube',
    'upload.published',
    'upload.needs_attention',
    'upload.outcome_unknown',
    'upload.cancelled',
    'upload.failed',
    'upload.withdrawal_failed',
  ],
  render: ['render.requested', 'render.started', 'render.ready', 'render.failed', 'render.cancelled', 'render.outcome_unknown'],
  channel: ['channel.connected', 'channel.reconnected', 'channel.disconnected', 'channel.purge_pending', 'channel.erased'],
};
