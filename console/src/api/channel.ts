import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { isSyncing, type SeenChannel } from './channels.ts';

export const channelQuery = (id: string) =>
  queryOptions({
    queryKey: ['channel', id],
    queryFn: async ({ signal }): Promise<SeenChannel> => (await api.getChannel({ path: { id }, signal })).data,
    refetchInterval: ({ state }) => (state.data && (isSyncing(state.data) || state.data.state === 'erasing') ? 3000 : false),
  });
