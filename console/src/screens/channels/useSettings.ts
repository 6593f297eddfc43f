import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Problem } from 'content-catalyst-sdk';
import { useState } from 'react';
import { channelQuery } from '../../api/channel.ts';
import { channelsQuery, type SeenChannel } from '../../api/channels.ts';
import { api, ifVersion } from '../../api/client.ts';
import { changesOf, differing, merge, type Setting, type Settings, settingsOf } from './settings.ts';

interface Clash {
  theirs: SeenChannel;
  conflicts: Setting[];
  mine: Settings;
}

/** The form of a channel's settings: what was typed stays, whatever is stored meanwhile. */
export function useSettings(channel: SeenChannel) {
  const cache = useQueryClient();
  const [base, setBase] = useState(channel);
  const [draft, setDraft] = useState(() => settingsOf(channel));
  const [clash, setClash] = useState<Clash>();
  const stored = settingsOf(base);
  const changed = differing(stored, draft);

  // As long as nothing is typed, the form follows what is stored.
  if (base.version !== channel.version && changed.length === 0 && channel.version > base.version) {
    setBase(channel);
    setDraft(settingsOf(channel));
  }

  const save = useMutation({
    mutationFn: async () => (await api.updateChannel({ path: { id: base.id }, headers: ifVersion(base), body: changesOf(stored, draft) })).data,
    onSuccess: (fresh) => {
      setClash(undefined);
      setBase(fresh);
      setDraft(settingsOf(fresh));
      cache.setQueryData(channelQuery(fresh.id).queryKey, fresh);
      void cache.invalidateQueries({ queryKey: channelsQuery.queryKey });
    },
    onError: async (refused) => {
      if (!(refused instanceof Problem) || refused.code !== 'version_mismatch') return;
      const theirs: SeenChannel = (await api.getChannel({ path: { id: base.id } })).data;
      const { settings, conflicts } = merge(stored, draft, settingsOf(theirs));
      setClash({ theirs, conflicts, mine: draft });
      setBase(theirs);
      setDraft(settings);
      cache.setQueryData(channelQuery(theirs.id).queryKey, theirs);
    },
  });

  return {
    draft,
    change: (some: Partial<Settings>) => setDraft({ ...draft, ...some }),
    changed,
    reset: () => {
      setDraft(stored);
      setClash(undefined);
      save.reset();
    },
    save,
    clash,
  };
}
