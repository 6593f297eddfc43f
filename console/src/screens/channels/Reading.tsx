import { Trans } from '@lingui/react/macro';
import { Link } from '@tanstack/react-router';
import type { SeenChannel } from '../../api/channels.ts';
import { whole } from '../../i18n/numbers.ts';
import { Ago } from '../../time/Ago.tsx';
import { Moment } from '../../time/Moment.tsx';
import styles from './Channels.module.css';
import { SyncButton } from './SyncButton.tsx';

/** How much of the channel was read, and as of when. */
export function Reading({ channel }: { channel: SeenChannel }) {
  const { sync, last_synced_at: last } = channel;
  return (
    <section className={`card ${styles.section}`} aria-labelledby="reading">
      <h2 id="reading">
        <Trans>What was read</Trans>
      </h2>
      <dl className={styles.facts}>
        <div>
          <dt>
            <Trans>Videos</Trans>
          </dt>
          <dd className="number">
            <Link to="/results" search={{ channel: channel.id }}>
              {whole(sync.videos_synced ?? 0)}
            </Link>
          </dd>
        </div>
        <div>
          <dt>
            <Trans>Last read</Trans>
          </dt>
          <dd>{last ? <Ago at={last} /> : <Trans>not yet</Trans>}</dd>
        </div>
        {sync.data_through ? (
          <div>
            <dt>
              <Trans>Analytics has data through</Trans>
            </dt>
            <dd>
              <Moment at={`${sync.data_through}T12:00:00Z`} zone="UTC" only="day" />
            </dd>
          </div>
        ) : null}
        {sync.retry_at ? (
          <div>
            <dt>
              <Trans>Goes on</Trans>
            </dt>
            <dd>
              <Ago at={sync.retry_at} />
            </dd>
          </div>
        ) : null}
      </dl>
      <div className="row">
        <SyncButton channel={channel} />
      </div>
    </section>
  );
}
