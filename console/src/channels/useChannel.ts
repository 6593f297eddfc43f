// Which channel the screens are about: the one in the address, else the one that was chosen last in this browser.

import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { channelsQuery, type SeenChannel } from '../api/channels.ts';

const KEPT = 'catalyst.channel';

export interface ChosenChannel {
  query: ReturnType<typeof useQuery<SeenChannel[]>>;
  channels: SeenChannel[];
  /** Absent while they are fetched, and when none is connected. */
  channel?: SeenChannel;
  choose: (id: string) => void;
}

export function useChannel(): ChosenChannel {
  const query = useQuery(channelsQuery);
  const navigate = useNavigate();
  const search: { channel?: string } = useSearch({ strict: false });
  const channels = query.data ?? [];
  const wanted = search.channel ?? localStorage.getItem(KEPT);
  return {
    query,
    channels,
    channel: channels.find(({ id }) => id === wanted) ?? channels[0],
    choose: (id) => {
      localStorage.setItem(KEPT, id);
      void navigate({ to: '.', search: (before) => ({ ...before, channel: id }) });
    },
  };
}
