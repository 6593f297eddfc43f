import { queryOptions } from '@tanstack/react-query';
import type { Category, FreeSlot } from 'content-catalyst-sdk';
import { api } from './client.ts';

/** The next times at which nothing else goes out. */
export const slotsQuery = (channel: string) =>
  queryOptions({
    queryKey: ['slots', channel],
    queryFn: async ({ signal }): Promise<FreeSlot[]> => (await api.listSlots({ query: { channel_id: channel, limit: 12 }, signal })).data.items,
  });

export const categoriesQuery = queryOptions({
  queryKey: ['categories'],
  queryFn: async ({ signal }): Promise<Category[]> => (await api.listCategories({ query: { limit: 100 }, signal })).data.items,
  staleTime: Number.POSITIVE_INFINITY,
});
