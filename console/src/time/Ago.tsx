import { useEffect, useState } from 'react';
import { formats } from '../i18n/i18n.ts';
import { distance } from './distance.ts';

/** How long ago, or how soon; kept up to date while it is looked at. */
export function Ago({ at }: { at: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  const { value, unit } = distance(Date.parse(at) - now);
  const words = new Intl.RelativeTimeFormat(formats(), { numeric: 'auto' }).format(value, unit);
  return (
    <time translate="no" dateTime={at} title={new Intl.DateTimeFormat(formats(), { dateStyle: 'full', timeStyle: 'short' }).format(new Date(at))}>
      {words}
    </time>
  );
}
