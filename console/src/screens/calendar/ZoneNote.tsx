import { Trans } from '@lingui/react/macro';
import { hereZone, sameClock } from '../../time/zones.ts';

/** On whose clocks the calendar is drawn. */
export function ZoneNote({ zone }: { zone: string }) {
  const here = hereZone();
  return (
    <p className="soft small">
      {sameClock(Date.now(), zone, here) ? (
        <Trans>All times are those of the channel: {zone}.</Trans>
      ) : (
        <Trans>
          All times are those of the channel, {zone}; yours, {here}, stand below them.
        </Trans>
      )}
    </p>
  );
}
