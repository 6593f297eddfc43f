import { Trans } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import type { ContentDetail } from 'content-catalyst-sdk';
import { Multiplier } from '../../components/Multiplier.tsx';
import styles from './Evidence.module.css';

/** The channel's own videos that the model was shown, with what they were worth then. */
export function Evidence({ piece }: { piece: ContentDetail }) {
  if (piece.inspired_by.length === 0) return null;
  const notice = piece.inspired_by.find((video) => video.notice)?.notice;
  return (
    <section className="card stack" aria-labelledby="evidence">
      <h2 id="evidence">
        <Trans>What speaks for it</Trans>
      </h2>
      <ul className={styles.videos}>
        {piece.inspired_by.map((video) => (
          <li key={video.video_id} className={styles.video}>
            <Multiplier value={video.multiplier} label={video.label} />
            <Link to="/results/$video" params={{ video: video.video_id }}>
              {video.title}
            </Link>
            {video.role === 'flop' ? (
              <span className="soft small">
                <Trans>shown as what to avoid</Trans>
              </span>
            ) : null}
          </li>
        ))}
      </ul>
      {notice ? <p className="soft small">{notice}.</p> : null}
    </section>
  );
}
