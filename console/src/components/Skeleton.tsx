import { Trans } from '@lingui/react/macro';
import styles from './Skeleton.module.css';

/** Keeps the place of what is being fetched, so that nothing jumps when it comes. */
export function Skeleton({ lines = 3, tall = false }: { lines?: number; tall?: boolean }) {
  return (
    <div className={styles.skeleton} role="status">
      <span className="unseen">
        <Trans>Loading…</Trans>
      </span>
      {Array.from({ length: lines }, (_, n) => (
        <div key={n} className={`${styles.line} ${tall ? styles.tall : ''}`} />
      ))}
    </div>
  );
}
