import { Plural, Trans, useLingui } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import type { VideoDetail } from 'content-catalyst-sdk';
import { short } from '../../i18n/numbers.ts';
import { Moment } from '../../time/Moment.tsx';
import styles from './Video.module.css';

/** The videos it was compared with, so that anybody can check. */
export function Peers({ video: { baseline, scores_shown } }: { video: VideoDetail }) {
  const { t } = useLingui();
  if (!scores_shown) return null;
  return (
    <section className={`card ${styles.growth}`} aria-labelledby="peers">
      <h2 id="peers">
        {baseline.length > 0 ? (
          <Trans>
            Compared with <Plural value={baseline.length} one="# video" other="# videos" />
          </Trans>
        ) : (
          <Trans>Compared with nothing yet</Trans>
        )}
      </h2>
      {baseline.length === 0 ? (
        <p className="soft">
          <Trans>Three earlier videos of the same format are needed, none of them older than a year.</Trans>
        </p>
      ) : (
        <ul className={styles.peers}>
          {baseline.map((peer) => (
            <li key={peer.id}>
              <Link to="/results/$video" params={{ video: peer.id }}>
                {peer.title}
              </Link>
              <span className="soft small number">
                {peer.published_at ? <Moment at={peer.published_at} only="day" /> : null}
                {peer.views == null ? '' : ` · ${t`${short(peer.views)} views`}`}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
