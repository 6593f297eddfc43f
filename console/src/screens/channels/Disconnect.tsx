import { Trans, useLingui } from '@lingui/react/macro';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { channelsQuery, type SeenChannel } from '../../api/channels.ts';
import { channelQuery } from '../../api/channel.ts';
import { api } from '../../api/client.ts';
import { Button } from '../../components/Button.tsx';
import { Confirm } from '../../components/Confirm.tsx';
import { toast } from '../../components/toast.ts';
import styles from './Channels.module.css';

/** Ends a channel here, after saying what that means. */
export function Disconnect({ channel }: { channel: SeenChannel }) {
  const { t } = useLingui();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const [asks, setAsks] = useState(false);
  const end = useMutation({
    mutationFn: async () => (await api.deleteChannel({ path: { id: channel.id } })).response.status,
    onSuccess: (status) => {
      toast(status === 202 ? t`${channel.title} is being erased.` : t`${channel.title} is disconnected and erased.`);
      void cache.invalidateQueries({ queryKey: channelsQuery.queryKey });
      cache.removeQueries({ queryKey: channelQuery(channel.id).queryKey });
      void navigate({ to: '/channels', search: {} });
    },
  });
  return (
    <section className={`card ${styles.section}`} aria-labelledby="disconnect">
      <h2 id="disconnect">
        <Trans>Disconnect</Trans>
      </h2>
      <p className="soft">
        <Trans>Ends the permission at Google and erases everything stored about the channel here. Your videos on YouTube stay.</Trans>
      </p>
      <div className="row">
        <Button kind="danger" onClick={() => setAsks(true)}>
          <Trans>Disconnect…</Trans>
        </Button>
      </div>
      {asks ? (
        <Confirm
          title={t`Disconnect ${channel.title}?`}
          deed={<Trans>Disconnect and erase</Trans>}
          phrase={channel.title}
          busy={end.isPending}
          error={end.error}
          onConfirm={() => end.mutate()}
          onClose={() => {
            setAsks(false);
            end.reset();
          }}
        >
          <ul className="stack">
            <li>
              <Trans>The permission at Google ends.</Trans>
            </li>
            <li>
              <Trans>History, comparisons, texts, films and settings of this channel are erased here, for everybody who works on it. Nobody can bring them back.</Trans>
            </li>
            <li>
              <Trans>What is scheduled does not go out: videos that were uploaded ahead are withdrawn first.</Trans>
            </li>
            <li>
              <Trans>What is public on YouTube stays there.</Trans>
            </li>
          </ul>
        </Confirm>
      ) : null}
    </section>
  );
}
