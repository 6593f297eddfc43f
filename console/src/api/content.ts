import { queryOptions } from '@tanstack/react-query';
import type { ContentDetail, ContentSummary } from 'content-catalyst-sdk';
import { api } from './client.ts';

/** The newest hundred revisions of a channel's texts, archived ones left out. */
export const piecesQuery = (channel: string) =>
  queryOptions({
    queryKey: ['pieces', channel],
    queryFn: async ({ signal }): Promise<ContentSummary[]> => (await api.listContent({ query: { channel_id: channel, limit: 100 }, signal })).data.items,
    refetchInterval: ({ state }) => (state.data?.some((piece) => piece.state === 'generating') ? 3000 : false),
  });

export const pieceQuery = (id: string) =>
  queryOptions({
    queryKey: ['piece', id],
    queryFn: async ({ signal }): Promise<ContentDetail> => (await api.getContent({ path: { id }, signal })).data,
    refetchInterval: ({ state }) => (state.data?.state === 'generating' ? 2000 : false),
  });
