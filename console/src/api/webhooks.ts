import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { DeliveryPage, DeliveryState, Endpoint } from 'content-catalyst-sdk';
import { api } from './client.ts';

export const endpointsQuery = queryOptions({
  queryKey: ['endpoints'],
  queryFn: async ({ signal }): Promise<Endpoint[]> => (await api.listEndpoints({ query: { limit: 100 }, signal })).data.items,
});

/** What was sent, the newest first; of one endpoint, or in one state. */
export const deliveriesQuery = (endpoint?: string, state?: DeliveryState) =>
  infiniteQueryOptions({
    queryKey: ['deliveries', endpoint ?? null, state ?? null],
    queryFn: async ({ pageParam, signal }): Promise<DeliveryPage> => (await api.listDeliveries({ query: { endpoint_id: endpoint, state, cursor: pageParam, limit: 25 }, signal })).data,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: ({ state: { data } }) => (data?.pages.some((page) => page.items.some((delivery) => delivery.state === 'pending')) ? 4000 : false),
  });
