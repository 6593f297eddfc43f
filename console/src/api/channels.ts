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

export const channelsQuery = queryOptions({
  queryKey: ['channels'],
  queryFn: async ({ signal }): Promise<SeenChannel[]> => (await api.listChannels({ query: { limit: 100 }, signal })).data.items,
  refetchInterval: ({ state }) => (state.data?.some(isSyncing) ? 3000 : false),
});
