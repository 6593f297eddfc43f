import type { ReactNode } from 'react';
import { Icon } from '../../components/Icon.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import styles from './Entrance.module.css';

/** What stands around the forms for those who are not signed in. */
export function Entrance({ title, lead, children, below }: { title: ReactNode; lead?: ReactNode; children: ReactNode; below?: ReactNode }) {
  return (
    <main className={styles.entrance} id="main">
      <a href="/" className={styles.brand} translate="no">
        <Icon name="spark" /> Content Catalyst
      </a>
      <div className={`card ${styles.card}`}>
        <PageHeader title={title} lead={lead} />
        {children}
        {below ? <div className={styles.below}>{below}</div> : null}
      </div>
    </main>
  );
}
