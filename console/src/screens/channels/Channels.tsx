import { Plural, Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { channelsQuery, type SeenChannel } from '../../api/channels.ts';
import { ConnectButton } from '../../channels/ConnectButton.tsx';
import { Asked } from '../../components/Asked.tsx';
import { buttonLook } from '../../components/Button.tsx';
import { Empty } from '../../components/Empty.tsx';
import { Notice } from '../../components/Notice.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { Skeleton } from '../../components/Skeleton.tsx';
import { Thumbnail } from '../../components/Thumbnail.tsx';
import { short } from '../../i18n/numbers.ts';
import { Ago } from '../../time/Ago.tsx';
import styles from './Channels.module.css';
import { Condition } from './Condition.tsx';
import { conditionOf } from './condition.ts';
import { StateBadge } from './StateBadge.tsx';

export function Channels() {
  const query = useQuery(channelsQuery);
  const { connected } = useSearch({ from: '/shell/channels' });
  const fresh = query.data?.find(({ id }) => id === connected);
  return (
    <>
      <PageHeader title={<Trans>Channels</Trans>} lead={<Trans>What is connected, how it is, and what it needs.</Trans>}>
        {query.data?.length ? <ConnectButton kind="plain" returnTo="/channels" /> : null}
      </PageHeader>
      <div className="stack">
        {fresh ? (
          <Notice tone="good">
            <Trans>{fresh.title} is connected.</Trans>
          </Notice>
        ) : null}
        <Asked query={query} waiting={<Skeleton lines={3} tall />}>
          {(channels) =>
            channels.length === 0 ? (
              <Empty icon="channels" title={<Trans>No channel is connected yet</Trans>} action={<ConnectButton returnTo="/channels" />}>
                <p>
                  <Trans>Google asks you what this service may do; you can end it at any time, here or at Google.</Trans>
                </p>
              </Empty>
            ) : (
              <ul className="stack">
                {channels.map((channel) => (
                  <li key={channel.id}>
                    <Card channel={channel} />
                  </li>
                ))}
              </ul>
            )
          }
        </Asked>
      </div>
    </>
  );
}

function Card({ channel }: { channel: SeenChannel }) {
  const { subscriber_count: subscribers } = channel;
  return (
    <article className={`card ${styles.card}`} aria-labelledby={`channel-${channel.id}`}>
      <div className={styles.head}>
        <Thumbnail round src={channel.thumbnail_url} of={channel.title} />
        <div className={styles.words}>
          <h2 id={`channel-${channel.id}`}>
            <Link to="/channels/$id" params={{ id: channel.id }}>
              {channel.title}
            </Link>
          </h2>
          <p className="soft small">
            {[channel.handle, subscribers == null ? '' : short(subscribers)].filter(Boolean).join(' · ')} {subscribers == null ? null : <Trans>subscribers</Trans>}
          </p>
        </div>
        <StateBadge state={conditionOf(channel).state} />
      </div>
      <Condition channel={channel} />
      <div className="row between">
        <p className="soft small">
          <Plural value={channel.sync.videos_synced ?? 0} one="# video" other="# videos" />
          {channel.last_synced_at ? (
            <>
              {' · '}
              <Trans>
                read <Ago at={channel.last_synced_at} />
              </Trans>
            </>
          ) : null}
        </p>
        <Link to="/channels/$id" params={{ id: channel.id }} className={buttonLook('plain', 's')} aria-describedby={`channel-${channel.id}`}>
          <Trans>Settings</Trans>
        </Link>
      </div>
    </article>
  );
}
