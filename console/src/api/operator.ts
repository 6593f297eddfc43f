import { queryOptions } from '@tanstack/react-query';
import type { Health, Metrics, StepFailure } from 'content-catalyst-sdk';
import { api } from './client.ts';

export const healthQuery = queryOptions({
  queryKey: ['health'],
  queryFn: async ({ signal }): Promise<Health> => (await api.getHealth({ signal })).data,
  refetchInterval: 15_000,
});

export const metricsQuery = queryOptions({
  queryKey: ['metrics'],
  queryFn: async ({ signal }): Promise<Metrics> => (await api.getMetrics({ signal })).data,
  refetchInterval: 30_000,
});

/** The newest hundred; those settled make room for more. */
export const failuresQuery = queryOptions({
  queryKey: ['failures'],
  queryFn: async ({ signal }): Promise<StepFailure[]> => (await api.listFailures({ query: { limit: 100 }, signal })).data.items,
  refetchInterval: 30_000,
});
