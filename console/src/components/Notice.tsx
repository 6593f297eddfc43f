import type { ReactNode } from 'react';
import { Icon, type IconName } from './Icon.tsx';
import styles from './Notice.module.css';

type Tone = 'calm' | 'good' | 'warn' | 'bad';

const ICONS: Record<Tone, IconName> = { calm: 'spark', good: 'done', warn: 'warning', bad: 'warning' };

/** A sentence that matters; a bad one is read out at once. */
export function Notice({ tone = 'calm', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <div className={`${styles.notice} ${styles[tone]}`} role={tone === 'bad' ? 'alert' : undefined}>
      <Icon name={ICONS[tone]} />
      <div className={styles.words}>{children}</div>
    </div>
  );
}
