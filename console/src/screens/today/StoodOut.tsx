import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { isSyncing, type SeenChannel } from '../../api/channels.ts';
import { standoutsQuery } from '../../api/videos.ts';
import { Asked } from '../../components/Asked.tsx';
import { Badge } from '../../components/Badge.tsx';
import { Multiplier } from '../../components/Multiplier.tsx';
import { Moment } from '../../time/Moment.tsx';
import { useLastVisit } from './useLastVisit.ts';
import styles from './Today.module.css';

/** What did far better than usual, the newest first; what is new since the last visit is marked. */
export function StoodOut({ channel }: { channel: SeenChannel }) {
  const videos = useQuery(standoutsQuery(channel));
  const lastVisit = useLastVisit();
  return (
    <section className={`card ${styles.section}`} aria-labelledby="stood-out">
      <h2 id="stood-out">
        <Trans>Stood out</Trans>
      </h2>
      <Asked query={videos}>
        {(all) =>
          all.length === 0 ? (
            <p className="soft">
              {isSyncing(channel) ? (
                <Trans>The first comparisons come when your videos are read.</Trans>
              ) : (
                <Trans>
                  No video stands out at the moment. <Link to="/results">All results</Link>
                </Trans>
              )}
            </p>
          ) : (
            <ul className={styles.list}>
              {all.map((video) => (
                <li key={video.id} className={styles.item}>
                  <div className={styles.words}>
                    <Link to="/results/$video" params={{ video: video.id }} className={styles.title}>
                      {video.title}
                    </Link>
                    {video.published_at ? (
                      <span className="soft small">
                        <Moment at={video.published_at} only="day" />
                      </span>
                    ) : null}
                  </div>
                  <span className="row">
                    {lastVisit && video.score && Date.parse(video.score.scored_at) > lastVisit ? (
                      <Badge tone="accent">
                        <Trans>new</Trans>
                      </Badge>
                    ) : null}
                    <Multiplier value={video.score?.multiplier} label={video.score?.label} />
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Asked>
    </section>
  );
}
