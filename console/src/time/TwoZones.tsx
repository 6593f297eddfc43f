import { useLingui } from '@lingui/react/macro';
import { Moment } from './Moment.tsx';
import { hereZone, sameClock } from './zones.ts';

/** An instant on the channel's clocks, and on the reader's where these differ. */
export function TwoZones({ at, zone }: { at: string; zone: string }) {
  const { t } = useLingui();
  const here = hereZone();
  if (sameClock(at, zone, here)) return <Moment at={at} zone={zone} />;
  return (
    <>
      <Moment at={at} zone={zone} /> {zone} (<span title={t`On your clock, ${here}`}><Moment at={at} zone={here} only="time" /> {t`here`}</span>)
    </>
  );
}
