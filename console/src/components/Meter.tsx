import { type ReactNode, useId } from 'react';
import styles from './Meter.module.css';

interface MeterProps {
  label: ReactNode;
  /** What stands beside the label: how much is used, of how much. */
  value: ReactNode;
  used: number;
  /** Set aside for what is running. */
  reserved?: number;
  of: number;
  note?: ReactNode;
}

const width = (share: number) => ({ inlineSize: `${Math.min(Math.max(share, 0), 1) * 100}%` });

/** How much of something limited is used. */
export function Meter({ label, value, used, reserved = 0, of, note }: MeterProps) {
  const id = useId();
  const share = of > 0 ? (used + reserved) / of : 1;
  const look = share >= 1 ? styles.out : share >= 0.9 ? styles.low : styles.used;
  return (
    <div className={styles.meter}>
      <div className={styles.words}>
        <span id={id}>{label}</span>
        <span className="number">{value}</span>
      </div>
      <div className={styles.bar} role="meter" aria-labelledby={id} aria-valuemin={0} aria-valuemax={of} aria-valuenow={Math.min(used + reserved, of)}>
        <span className={look} style={width(of > 0 ? used / of : 1)} />
        <span className={styles.reserved} style={width(of > 0 ? reserved / of : 0)} />
      </div>
      {note ? <p className="soft small">{note}</p> : null}
    </div>
  );
}
