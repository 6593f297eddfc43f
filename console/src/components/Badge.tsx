import type { ReactNode } from 'react';
import styles from './Badge.module.css';

export type Tone = 'good' | 'warn' | 'bad' | 'calm' | 'plain' | 'accent';

/** A state in a word or two. */
export function Badge({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) {
  return <span className={`${styles.badge} ${styles[tone]}`}>{children}</span>;
}
