import { Trans } from '@lingui/react/macro';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { SeenChannel } from '../../api/channels.ts';
import { uploadsQuery } from '../../api/uploads.ts';
import { Asked } from '../../components/Asked.tsx';
import { UploadBadge } from '../../components/UploadBadge.tsx';
import { Ago } from '../../time/Ago.tsx';
import { TwoZones } from '../../time/TwoZones.tsx';
import styles from './Today.module.css';
import { since } from './window.ts';

const OVER = ['cancelled', 'failed', 'published'];

/** What is published next, and whether it needs anybody. */
export function GoesOut({ channel }: { channel: SeenChannel }) {
  const uploads = useQuery(uploadsQuery(channel.id, since()));
  return (
    <section className={`card ${styles.section}`} aria-labelledby="goes-out">
      <h2 id="goes-out">
        <Trans>Goes out next</Trans>
      </h2>
      <Asked query={uploads}>
        {(all) => {
          const next = all.filter(({ state }) => !OVER.includes(state)).slice(0, 4);
          if (next.length === 0) {
            return (
              <p className="soft">
                <Trans>
                  Nothing is scheduled. <Link to="/calendar">See the free slots</Link>.
                </Trans>
              </p>
            );
          }
          return (
            <ul className={styles.list}>
              {next.map((upload) => (
                <li key={upload.id} className={styles.item}>
                  <div className={styles.words}>
                    <Link to="/calendar" search={{ upload: upload.id }} className={styles.title}>
                      {upload.title}
                    </Link>
                    <span className="soft small">
                      <Ago at={upload.publish_at} /> · <TwoZones at={upload.publish_at} zone={channel.time_zone} />
                    </span>
                  </div>
                  <UploadBadge upload={upload} />
                </li>
              ))}
            </ul>
          );
        }}
      </Asked>
    </section>
  );
}
