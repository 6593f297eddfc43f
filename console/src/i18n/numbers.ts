// Numbers as the reader writes them.

import { formats } from './i18n.ts';

const written = (options: Intl.NumberFormatOptions) => (value: number) => new Intl.NumberFormat(formats(), options).format(value);

/** `6,557` */
export const whole = written({ maximumFractionDigits: 0 });

/** `6.6K` */
export const short = written({ notation: 'compact', maximumSignificantDigits: 3 });

/** A share between 0 and 1: `4.2 %` */
export const share = written({ style: 'percent', maximumFractionDigits: 1 });

/** `2.4×`; two digits that count below 1, none after the point from 10 on. */
export function times(multiplier: number): string {
  const digits = multiplier >= 10 ? { maximumFractionDigits: 0 } : multiplier >= 1 ? { minimumFractionDigits: 1, maximumFractionDigits: 1 } : { maximumSignificantDigits: 2 };
  return `${written(digits)(multiplier)}×`;
}
