import { queryOptions } from '@tanstack/react-query';
import type { Video } from 'content-catalyst-sdk';
import { api } from './client.ts';

/** The newest videos that did far better than usual. */
export const standoutsQuery = (channel: string) =>
  queryOptions({
    queryKey: ['videos', channel, 'standouts'],
    queryFn: async ({ signal }): Promise<Video[]> => (await api.listVideos({ query: { channel_id: channel, label: 'outlier', limit: 5 }, signal })).data.items,
  });
