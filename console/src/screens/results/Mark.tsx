import type { Label } from 'content-catalyst-sdk';
import { LOOKS, outline } from './labels.ts';
import styles from './Mark.module.css';

/** The shape of a label, around 0, 0. */
export const Mark = ({ label, size }: { label: Label; size: number }) => (
  <path
    d={outline(label, size)}
    transform={LOOKS[label].down ? 'rotate(180)' : label === 'insufficient_data' ? 'scale(0.8)' : undefined}
    className={`${styles.mark} ${styles[label]} ${LOOKS[label].hollow ? styles.hollow : ''}`}
  />
);
