import { Trans } from '@lingui/react/macro';
import { useIsFetching, useQueryClient } from '@tanstack/react-query';
import { Icon } from '../components/Icon.tsx';
import { Moment } from '../time/Moment.tsx';
import styles from './OfflineNote.module.css';
import { useOnline } from './useOnline.ts';

/** Without a network: what is shown, how old it is, and that nothing can be changed. */
export function OfflineNote() {
  const isOnline = useOnline();
  const queries = useQueryClient().getQueryCache();
  useIsFetching();
  if (isOnline) return null;
  const newest = Math.max(0, ...queries.findAll({ type: 'active' }).map((query) => query.state.dataUpdatedAt));
  return (
    <p className={styles.note} role="status">
      <Icon name="offline" />
      <span>
        {newest > 0 ? (
          <Trans>
            You are offline. This is how it was <Moment at={newest} />. Nothing can be changed until you are back, and nothing is sent later.
          </Trans>
        ) : (
          <Trans>You are offline, and this screen was not looked at before.</Trans>
        )}
      </span>
    </p>
  );
}
