import { queryOptions } from '@tanstack/react-query';
import type { Channel } from 'content-catalyst-sdk';
import { api } from './client.ts';

/** What the user should do about a channel. */
export interface Attention {
  code: string;
  message: string;
}

export type SeenChannel = Channel & { attention?: Attention[] };

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
  queryFn: async ({ signal }): Promise<SeenChannel[]> => (await api.listChannels({ query: { limit: 100 }, signal })).data.items,
  refetchInterval: ({ state }) => (state.data?.some(isSyncing) ? 3000 : false),
});
