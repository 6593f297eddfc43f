import { formats } from '../i18n/i18n.ts';

/** Millionths of a US dollar. Less than a cent is told to two digits that count. */
export function Money({ micros }: { micros: number }) {
  const dollars = micros / 1_000_000;
  const small = dollars !== 0 && Math.abs(dollars) < 0.01;
  const digits = small ? { maximumSignificantDigits: 2 } : { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return <span className="number">{new Intl.NumberFormat(formats(), { style: 'currency', currency: 'USD', ...digits }).format(dollars)}</span>;
}
