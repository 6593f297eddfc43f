import { queryOptions } from '@tanstack/react-query';
import type { Render, RenderBody, RenderEstimate, RenderState, Voice } from 'content-catalyst-sdk';
import { api } from './client.ts';

const UNDER_WAY: readonly RenderState[] = ['requested', 'submitting', 'submit_unknown', 'queued', 'rendering'];

export const isUnderWay = ({ state }: Render) => UNDER_WAY.includes(state);

export const rendersQuery = (channel: string) =>
  queryOptions({
    queryKey: ['renders', channel],
    queryFn: async ({ signal }): Promise<Render[]> => (await api.listRenders({ query: { channel_id: channel, limit: 50 }, signal })).data.items,
    refetchInterval: ({ state }) => (state.data?.some(isUnderWay) ? 3000 : false),
  });

export const renderQuery = (id: string) =>
  queryOptions({
    queryKey: ['render', id],
    queryFn: async ({ signal }): Promise<Render> => (await api.getRender({ path: { id }, signal })).data,
    refetchInterval: ({ state }) => (state.data && isUnderWay(state.data) ? 2000 : false),
  });

export const estimateQuery = (body: RenderBody) =>
  queryOptions({
    queryKey: ['estimate', body],
    queryFn: async ({ signal }): Promise<RenderEstimate> => (await api.estimateRender({ body, signal })).data,
    staleTime: 60_000,
  });

export const voicesQuery = queryOptions({
  queryKey: ['voices'],
  queryFn: async ({ signal }): Promise<Voice[]> => (await api.listVoices({ query: { limit: 100 }, signal })).data.items,
  staleTime: Number.POSITIVE_INFINITY,
});
