import { queryOptions } from '@tanstack/react-query';
import type { Insights, VideoDetail } from 'content-catalyst-sdk';
import { api } from './client.ts';

export const videoQuery = (id: string) =>
  queryOptions({
    queryKey: ['video', id],
    queryFn: async ({ signal }): Promise<VideoDetail> => (await api.getVideo({ path: { id }, signal })).data,
  });

export const insightsQuery = (channel: string) =>
  queryOptions({
    queryKey: ['insights', channel],
    queryFn: async ({ signal }): Promise<Insights> => (await api.getInsights({ path: { id: channel }, signal })).data,
    staleTime: 60_000,
  });
