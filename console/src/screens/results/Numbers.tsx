import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import type { VideoDetail } from 'content-catalyst-sdk';
import type { ReactNode } from 'react';
import { channelsQuery } from '../../api/channels.ts';
import { whole } from '../../i18n/numbers.ts';
import { Ago } from '../../time/Ago.tsx';
import { Moment } from '../../time/Moment.tsx';
import styles from './Video.module.css';

/** What YouTube says of it, and as of when. */
export function Numbers({ video }: { video: VideoDetail }) {
  const channels = useQuery(channelsQuery);
  const through = channels.data?.find(({ id }) => id === video.channel_id)?.sync.data_through;
  const { views, likes, comments, average_view_percentage: watched, counted_at } = video.youtube;
  const count = (value: number | null | undefined) => (value == null ? '–' : whole(value));
  const rows: [string, ReactNode, ReactNode][] = [
    ['published', <Trans>Published</Trans>, video.published_at ? <Moment at={video.published_at} /> : <Trans>not published</Trans>],
    ['views', <Trans>Views</Trans>, count(views)],
    ['likes', <Trans>Likes</Trans>, count(likes)],
    ['comments', <Trans>Comments</Trans>, count(comments)],
    ['watched', <Trans>Watched on average</Trans>, watched == null ? '–' : `${whole(watched)} %`],
  ];
  return (
    <section className={`card ${styles.numbers}`} aria-labelledby="numbers">
      <h2 id="numbers">
        <Trans>YouTube's numbers</Trans>
      </h2>
      <dl className={styles.facts}>
        {rows.map(([key, name, value]) => (
          <div key={key}>
            <dt>{name}</dt>
            <dd className="number">{value}</dd>
          </div>
        ))}
      </dl>
      <p className="soft small">
        {counted_at ? (
          <Trans>
            Counted <Ago at={counted_at} />.
          </Trans>
        ) : null}{' '}
        {through ? (
          <Trans>
            Analytics has data through <Moment at={`${through}T12:00:00Z`} only="day" zone="UTC" />.
          </Trans>
        ) : null}
      </p>
      {video.gone_at ? (
        <p className="small">
          <Trans>
            No longer on YouTube since <Moment at={video.gone_at} only="day" />.
          </Trans>
        </p>
      ) : null}
    </section>
  );
}
