import type { ReactNode } from 'react';
import styles from './Empty.module.css';
import { Icon, type IconName } from './Icon.tsx';

/** Nothing here yet: why, and what to do. */
export function Empty({ icon, title, children, action }: { icon: IconName; title: ReactNode; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <span className={styles.picture}>
        <Icon name={icon} size={28} />
      </span>
      <h2>{title}</h2>
      {children ? <div className={styles.words}>{children}</div> : null}
      {action ? <div className="row">{action}</div> : null}
    </div>
  );
}
