import { Plural, Trans } from '@lingui/react/macro';
import { isSyncing, type SeenChannel } from '../api/channels.ts';
import { Notice } from '../components/Notice.tsx';
import styles from './SyncProgress.module.css';

/** How far the reading of a channel's videos is; nothing when it is done. */
export function SyncProgress({ channel }: { channel: SeenChannel }) {
  const { videos_found: found = 0, videos_synced: read = 0, state, reason } = channel.sync;
  if (state === 'failed') {
    return (
      <Notice tone="warn">
        <p>
          <Trans>The videos could not be read. It is tried again by itself.</Trans> {reason}
        </p>
      </Notice>
    );
  }
  if (!isSyncing(channel)) return null;
  const isFirst = !channel.last_synced_at;
  return (
    <Notice>
      <div role="status">
        {found > 0 ? (
          <p>
            <Trans>
              Reading your videos from YouTube: {read} of <Plural value={found} one="# video" other="# videos" />.
            </Trans>
          </p>
        ) : (
          <p>
            <Trans>Reading your videos from YouTube…</Trans>
          </p>
        )}
        {isFirst ? (
          <p className="soft small">
            <Trans>The first comparisons come right after that: most channels see them within a minute.</Trans>
          </p>
        ) : null}
      </div>
      <progress className={styles.bar} max={Math.max(found, 1)} value={found > 0 ? read : undefined} aria-hidden="true" />
    </Notice>
  );
}
