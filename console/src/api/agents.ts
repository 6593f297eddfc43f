import { queryOptions } from '@tanstack/react-query';
import type { Agent } from 'content-catalyst-sdk';
import { api } from './client.ts';

/** The programs that were allowed to spend or to publish. */
export const agentsQuery = queryOptions({
  queryKey: ['agents'],
  queryFn: async ({ signal }): Promise<Agent[]> => (await api.listAgents({ query: { limit: 100 }, signal })).data.items,
});
