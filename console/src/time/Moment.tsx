import { formats } from '../i18n/i18n.ts';

interface MomentProps {
  at: string | number;
  /** IANA zone on whose clocks it is told; the reader's own when absent. */
  zone?: string;
  only?: 'day' | 'time';
}

const STYLES = {
  day: { dateStyle: 'medium' },
  time: { timeStyle: 'short' },
  both: { dateStyle: 'medium', timeStyle: 'short' },
} as const;

/** An instant in words. */
export function Moment({ at, zone, only }: MomentProps) {
  const date = new Date(at);
  const words = new Intl.DateTimeFormat(formats(), { ...STYLES[only ?? 'both'], timeZone: zone }).format(date);
  return <time translate="no" dateTime={date.toISOString()}>{words}</time>;
}
