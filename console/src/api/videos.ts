import { queryOptions } from '@tanstack/react-query';
import type { Video } from 'content-catalyst-sdk';
import { isFresh, type SeenChannel } from './channels.ts';
import { api } from './client.ts';

/** The newest videos that did far better than usual. */
export const standoutsQuery = (channel: SeenChannel) =>
  queryOptions({
    queryKey: ['videos', channel.id, 'standouts'],
    queryFn: async ({ signal }): Promise<Video[]> => (await api.listVideos({ query: { channel_id: channel.id, label: 'outlier', limit: 5 }, signal })).data.items,
    // Comparing follows reading, within seconds.
    refetchInterval: isFresh(channel) ? 4000 : false,
  });
