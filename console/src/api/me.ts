import { queryOptions } from '@tanstack/react-query';
import type { Me } from 'content-catalyst-sdk';
import { api } from './client.ts';

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }): Promise<Me> => (await api.getMe({ signal })).data,
});
