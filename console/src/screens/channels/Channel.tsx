import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import { channelQuery } from '../../api/channel.ts';
import type { SeenChannel } from '../../api/channels.ts';
import { Asked } from '../../components/Asked.tsx';
import { buttonLook } from '../../components/Button.tsx';
import { Icon } from '../../components/Icon.tsx';
import { Notice } from '../../components/Notice.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { ProblemNote } from '../../components/ProblemNote.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { Condition } from './Condition.tsx';
import { conditionOf } from './condition.ts';
import styles from './Channels.module.css';
import { Disconnect } from './Disconnect.tsx';
import { Features } from './Features.tsx';
import { Reading } from './Reading.tsx';
import { SettingsForm } from './Settings.tsx';
import { StateBadge } from './StateBadge.tsx';

/** One channel: how it is, what it may do, its settings, and its end. */
export function Channel() {
  const { id } = useParams({ from: '/shell/channels/$id' });
  const query = useQuery(channelQuery(id));
  return (
    <>
      {query.isError && !query.data ? <PageHeader title={<Trans>Channel</Trans>} /> : null}
      <Asked
        query={query}
        waiting={
          <>
            <PageHeader title={<Trans>Channel</Trans>} />
            <Skeleton lines={4} tall />
          </>
        }
      >
        {(channel) => (
          <>
            {query.isError ? <ProblemNote error={query.error} again={() => void query.refetch()} /> : null}
            <Shown key={channel.id} channel={channel} />
          </>
        )}
      </Asked>
    </>
  );
}

function Shown({ channel }: { channel: SeenChannel }) {
  const { connected } = useSearch({ from: '/shell/channels/$id' });
  return (
    <>
      <PageHeader title={channel.title} lead={channel.handle}>
        <StateBadge state={conditionOf(channel).state} />
        <a className={buttonLook()} href={`https://www.youtube.com/channel/${channel.youtube_channel_id}`} target="_blank" rel="noreferrer">
          <Trans>On YouTube</Trans> <Icon name="external" size={16} />
        </a>
        <Link to="/channels" search={{}} className={buttonLook()}>
          <Trans>All channels</Trans>
        </Link>
      </PageHeader>
      <div className="stack">
        {connected === channel.id && channel.state === 'connected' ? (
          <Notice tone="good">
            <Trans>{channel.title} is connected.</Trans>
          </Notice>
        ) : null}
        <Condition channel={channel} />
        {channel.state === 'erasing' ? null : (
          <>
            <div className={styles.columns}>
              <Features features={channel.features} />
              <Reading channel={channel} />
            </div>
            <SettingsForm channel={channel} />
            <Disconnect channel={channel} />
          </>
        )}
      </div>
    </>
  );
}
