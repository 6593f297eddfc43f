import { useLingui } from '@lingui/react/macro';
import { formats } from '../i18n/i18n.ts';
import styles from './Multiplier.module.css';

const words = (value: number) =>
  new Intl.NumberFormat(formats(), value >= 10 ? { maximumFractionDigits: 0 } : { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value);

/** Views against the channel's usual at the same age: `2.4×`. */
export function Multiplier({ value, label }: { value: number | null | undefined; label?: string | null }) {
  const { t } = useLingui();
  if (value == null) return <span className="soft">–</span>;
  const times = words(value);
  return (
    <span className={`${styles.multiplier} ${styles[label ?? ''] ?? ''}`} title={t`${times} times the channel's usual views at the same age`}>
      {times}×
    </span>
  );
}
