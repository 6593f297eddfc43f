import { Trans } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { channelsQuery, isSyncing, type SeenChannel } from '../../api/channels.ts';
import { channelQuery } from '../../api/channel.ts';
import { api } from '../../api/client.ts';
import { Button } from '../../components/Button.tsx';
import { ProblemNote } from '../../components/ProblemNote.tsx';

/** Has the videos read now. */
export function SyncButton({ channel }: { channel: SeenChannel }) {
  const cache = useQueryClient();
  const sync = useMutation({
    mutationFn: async () => (await api.syncChannel({ path: { id: channel.id } })).data,
    onSuccess: (fresh) => {
      cache.setQueryData(channelQuery(channel.id).queryKey, fresh);
      void cache.invalidateQueries({ queryKey: channelsQuery.queryKey });
    },
  });
  return (
    <>
      <ProblemNote error={sync.error} />
      <Button busy={sync.isPending || isSyncing(channel)} onClick={() => sync.mutate()}>
        <Trans>Read the videos now</Trans>
      </Button>
    </>
  );
}
