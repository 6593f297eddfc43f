import type { ReactNode } from 'react';
import styles from './Facts.module.css';

/** A few numbers with their names. */
export function Facts({ facts }: { facts: { key: string; name: ReactNode; value: ReactNode }[] }) {
  return (
    <dl className={styles.facts}>
      {facts.map(({ key, name, value }) => (
        <div key={key}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
