import { queryOptions } from '@tanstack/react-query';
import type { Channel } from 'content-catalyst-sdk';
import { api } from './client.ts';

/** A channel as the API shows it; `Channel` alone is the screen of one. */
export type { Attention, Channel as SeenChannel } from 'content-catalyst-sdk';

const BUSY = ['queued', 'running', 'waiting'];

/** Whether its videos are still being read. */
export const isSyncing = (channel: Channel) => BUSY.includes(channel.sync.state ?? 'never');

/** How long after reading its videos a channel's results may still change, in milliseconds. */
const SETTLES = 5 * 60_000;

/** Whether its videos are being read, or were read just now. */
export const isFresh = (channel: Channel, now = Date.now()) =>
  isSyncing(channel) || !channel.last_synced_at || now - Date.parse(channel.last_synced_at) < SETTLES;

export const channelsQuery = queryOptions({
  queryKey: ['channels'],
  queryFn: async ({ signal }): Promise<Channel[]> => (await api.listChannels({ query: { limit: 100 }, signal })).data.items,
  refetchInterval: ({ state }) => (state.data?.some(isSyncing) ? 3000 : false),
});
