import { useMemo } from 'react';
import styles from './Difference.module.css';
import { differences } from './diff.ts';

/** Both versions of a text in one: what goes is struck, what comes is underlined. */
export function Difference({ before, after }: { before: string; after: string }) {
  const pieces = useMemo(() => differences(before, after), [before, after]);
  return (
    <p className={styles.text}>
      {pieces.map(({ kind, text }, n) => {
        const key = `${n} ${kind}`;
        if (kind === 'gone') return <del key={key}>{text}</del>;
        if (kind === 'new') return <ins key={key}>{text}</ins>;
        return <span key={key}>{text}</span>;
      })}
    </p>
  );
}
